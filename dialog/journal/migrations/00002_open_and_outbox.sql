-- +goose Up
-- closed: the last word was a closed event. published: offset of the last event that the outbox
-- passed on.
ALTER TABLE conversations ADD COLUMN closed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN published BIGINT NOT NULL DEFAULT 0;
CREATE INDEX conversations_sender ON conversations (shop, channel, sender, created_at) WHERE sender <> '';
CREATE INDEX conversations_customer ON conversations (shop, channel, customer, created_at) WHERE customer <> '';
CREATE INDEX conversations_unpublished ON conversations (shop, id) WHERE published < last;

-- +goose Down
DROP INDEX conversations_unpublished;
DROP INDEX conversations_customer;
DROP INDEX conversations_sender;
ALTER TABLE conversations DROP COLUMN published;
ALTER TABLE conversations DROP COLUMN closed;
