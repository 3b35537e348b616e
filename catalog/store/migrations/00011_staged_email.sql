-- +goose Up
-- Orders that name their customer by e-mail address look for it among the staged ones too.
CREATE INDEX staged_customers_email ON staged_customers (import, email);

-- +goose Down
DROP INDEX staged_customers_email;
