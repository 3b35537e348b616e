-- +goose Up
-- Rows of imports that are under way. Nobody reads them until an import applies them all at once.
CREATE TABLE imports (
    id    TEXT PRIMARY KEY,
    begun TEXT NOT NULL
);

CREATE TABLE staged_products (
    import TEXT NOT NULL,
    id     TEXT NOT NULL,
    line   BIGINT NOT NULL,
    change INTEGER NOT NULL,
    doc    TEXT NOT NULL,
    PRIMARY KEY (import, id)
);

CREATE TABLE staged_variants (
    import    TEXT NOT NULL,
    sku       TEXT NOT NULL,
    product   TEXT NOT NULL,
    position  INTEGER NOT NULL,
    doc       TEXT NOT NULL,
    price     TEXT NOT NULL,
    available INTEGER NOT NULL,
    stock     BIGINT,
    PRIMARY KEY (import, sku)
);
CREATE INDEX staged_variants_product ON staged_variants (import, product);

CREATE TABLE staged_customers (
    import      TEXT NOT NULL,
    id          TEXT NOT NULL,
    line        BIGINT NOT NULL,
    email       TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (import, id)
);

CREATE TABLE staged_orders (
    import    TEXT NOT NULL,
    id        TEXT NOT NULL,
    line      BIGINT NOT NULL,
    loose     TEXT NOT NULL,
    customer  TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    doc       TEXT NOT NULL,
    PRIMARY KEY (import, id)
);

CREATE TABLE staged_stock (
    import      TEXT NOT NULL,
    sku         TEXT NOT NULL,
    location    TEXT NOT NULL,
    line        BIGINT NOT NULL,
    on_hand     BIGINT NOT NULL,
    reserved    BIGINT NOT NULL,
    incoming    BIGINT NOT NULL,
    incoming_at TEXT NOT NULL,
    PRIMARY KEY (import, sku, location)
);

CREATE TABLE staged_activity (
    import   TEXT NOT NULL,
    customer TEXT NOT NULL,
    product  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    at       TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    line     BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    price    TEXT NOT NULL,
    PRIMARY KEY (import, customer, product, kind, at, seq)
);

-- +goose Down
DROP TABLE staged_activity;
DROP TABLE staged_stock;
DROP TABLE staged_orders;
DROP TABLE staged_customers;
DROP TABLE staged_variants;
DROP TABLE staged_products;
DROP TABLE imports;
