-- +goose Up
-- Wrong proofs of who writes, kept so that a restart doesn't forget them. One row for each
-- customer that an utterance tried ('' when it fits nobody).
CREATE TABLE wrong_proofs (
    shop         TEXT NOT NULL,
    conversation TEXT NOT NULL,
    said         BIGINT NOT NULL,
    customer     TEXT NOT NULL,
    address      TEXT NOT NULL,
    at           TEXT NOT NULL,
    PRIMARY KEY (shop, conversation, said, customer)
);
CREATE INDEX wrong_proofs_customer ON wrong_proofs (shop, customer, at);
CREATE INDEX wrong_proofs_address ON wrong_proofs (shop, address, at);

-- One-time codes, by the utterance that asked for one. customer is '' where the e-mail
-- address is nobody's; passed says that the code was handed to the sender; used is the
-- utterance that used it up, 0 for none.
CREATE TABLE codes (
    shop         TEXT NOT NULL,
    conversation TEXT NOT NULL,
    said         BIGINT NOT NULL,
    customer     TEXT NOT NULL,
    salt         TEXT NOT NULL,
    hash         TEXT NOT NULL,
    at           TEXT NOT NULL,
    expires      TEXT NOT NULL,
    passed       INTEGER NOT NULL,
    used         BIGINT NOT NULL,
    PRIMARY KEY (shop, conversation, said)
);
CREATE INDEX codes_customer ON codes (shop, customer, at);

-- +goose Down
DROP TABLE codes;
DROP TABLE wrong_proofs;
