-- +goose Up
-- handed_at: when the bot gave the conversation away, 0: it has it. position: in the queue, as told
-- last. stated: offset of the last state event.
ALTER TABLE conversations ADD COLUMN handed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN stated BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversations_held ON conversations (shop, handed_at) WHERE owner <> 'bot';
CREATE INDEX conversations_recent ON conversations (shop, asked_at);

-- What people at the desk note for each other. Shoppers never see it.
CREATE TABLE notes (
    shop         TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    seq          BIGINT NOT NULL, -- contiguous from 1
    client       TEXT   NOT NULL, -- the client's id, for repeats
    agent        TEXT   NOT NULL,
    text         TEXT   NOT NULL,
    after_event  BIGINT NOT NULL, -- offset of the last event when it was written
    at           BIGINT NOT NULL,
    PRIMARY KEY (shop, conversation, seq),
    UNIQUE (shop, conversation, agent, client),
    FOREIGN KEY (shop, conversation) REFERENCES conversations (shop, id) ON DELETE CASCADE
);

-- +goose Down
DROP TABLE notes;
DROP INDEX conversations_recent;
DROP INDEX conversations_held;
ALTER TABLE conversations DROP COLUMN stated;
ALTER TABLE conversations DROP COLUMN position;
ALTER TABLE conversations DROP COLUMN handed_at;
