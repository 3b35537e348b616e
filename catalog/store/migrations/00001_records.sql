-- +goose Up
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- revision grows with each change of products or stock; filled says when records first came in.
CREATE TABLE shops (
    shop     TEXT PRIMARY KEY,
    revision BIGINT NOT NULL,
    filled   TEXT
);

-- doc is the record in JSON, without what other tables hold.
CREATE TABLE products (
    shop    TEXT NOT NULL,
    id      TEXT NOT NULL,
    doc     TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (shop, id)
);

CREATE TABLE variants (
    shop      TEXT NOT NULL,
    sku       TEXT NOT NULL,
    product   TEXT NOT NULL,
    position  INTEGER NOT NULL,
    doc       TEXT NOT NULL,
    price     TEXT NOT NULL,
    available INTEGER NOT NULL,
    stock     BIGINT,
    PRIMARY KEY (shop, sku),
    FOREIGN KEY (shop, product) REFERENCES products (shop, id)
);
CREATE INDEX variants_product ON variants (shop, product, position);

CREATE TABLE customers (
    shop        TEXT NOT NULL,
    id          TEXT NOT NULL,
    email       TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    doc         TEXT NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (shop, id)
);
CREATE INDEX customers_email ON customers (shop, email);
CREATE INDEX customers_postal_code ON customers (shop, postal_code);

-- loose is the id as people type it: without '#', any case.
CREATE TABLE orders (
    shop      TEXT NOT NULL,
    id        TEXT NOT NULL,
    loose     TEXT NOT NULL,
    customer  TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    doc       TEXT NOT NULL,
    version   BIGINT NOT NULL,
    PRIMARY KEY (shop, id),
    FOREIGN KEY (shop, customer) REFERENCES customers (shop, id)
);
CREATE INDEX orders_loose ON orders (shop, loose);
CREATE INDEX orders_customer ON orders (shop, customer, placed_at);

CREATE TABLE stock (
    shop        TEXT NOT NULL,
    sku         TEXT NOT NULL,
    location    TEXT NOT NULL,
    on_hand     BIGINT NOT NULL,
    reserved    BIGINT NOT NULL,
    incoming    BIGINT NOT NULL,
    incoming_at TEXT NOT NULL,
    PRIMARY KEY (shop, sku, location)
);

-- seq tells rows apart that are the same: one may buy a thing twice in a second.
CREATE TABLE activity (
    shop     TEXT NOT NULL,
    customer TEXT NOT NULL,
    product  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at       TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    quantity BIGINT NOT NULL,
    price    TEXT NOT NULL,
    PRIMARY KEY (shop, customer, product, kind, at, seq)
);

CREATE TABLE callbacks (
    shop    TEXT NOT NULL,
    id      TEXT NOT NULL,
    state   TEXT NOT NULL,
    at      TEXT NOT NULL,
    doc     TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (shop, id)
);
CREATE INDEX callbacks_state ON callbacks (shop, state, at);

-- +goose Down
DROP TABLE callbacks;
DROP TABLE activity;
DROP TABLE stock;
DROP TABLE orders;
DROP TABLE customers;
DROP TABLE variants;
DROP TABLE products;
DROP TABLE shops;
DROP TABLE meta;
