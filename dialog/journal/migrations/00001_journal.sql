-- +goose Up
-- Times are microseconds since 1970 in UTC. Only types that every SQL database knows.
CREATE TABLE conversations (
    shop           TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    secret_hash    TEXT   NOT NULL, -- hexadecimal SHA-256
    channel        TEXT   NOT NULL,
    sender         TEXT   NOT NULL,
    locale         TEXT   NOT NULL,
    customer       TEXT   NOT NULL,
    identity_level BIGINT NOT NULL,
    owner          TEXT   NOT NULL,
    agent          TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    last           BIGINT NOT NULL, -- offset of the last event
    asked          BIGINT NOT NULL, -- offset of the shopper's last utterance, 0: none
    asked_at       BIGINT NOT NULL,
    answered       BIGINT NOT NULL,
    turns          BIGINT NOT NULL,
    state          TEXT   NOT NULL, -- private state as JSON, empty: none
    PRIMARY KEY (shop, id)
);
CREATE INDEX conversations_unanswered ON conversations (asked_at)
    WHERE owner = 'bot' AND asked > answered;

CREATE TABLE events (
    shop         TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    "offset"     BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    v            BIGINT NOT NULL, -- encoding of body
    body         TEXT   NOT NULL, -- JSON object
    at           BIGINT NOT NULL,
    PRIMARY KEY (shop, conversation, "offset"),
    FOREIGN KEY (shop, conversation) REFERENCES conversations (shop, id) ON DELETE CASCADE
);

CREATE TABLE client_ids (
    shop         TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    client       TEXT   NOT NULL,
    "offset"     BIGINT NOT NULL,
    PRIMARY KEY (shop, conversation, client),
    FOREIGN KEY (shop, conversation) REFERENCES conversations (shop, id) ON DELETE CASCADE
);

CREATE TABLE outcomes (
    shop         TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    turn         TEXT   NOT NULL,
    upto         BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL,
    "offset"     BIGINT NOT NULL, -- of the action event, 0: nothing was done
    result       TEXT   NOT NULL, -- JSON
    PRIMARY KEY (shop, key),
    FOREIGN KEY (shop, conversation) REFERENCES conversations (shop, id) ON DELETE CASCADE
);
CREATE INDEX outcomes_since ON outcomes (shop, conversation, upto);

-- +goose Down
DROP TABLE outcomes;
DROP TABLE client_ids;
DROP TABLE events;
DROP TABLE conversations;
