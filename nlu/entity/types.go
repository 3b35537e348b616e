package entity

// Types are the types of entities that are found, as docs/entities.md lists them.
func Types() []string {
	return []string{"order_id", "sku", "tracking", "email", "phone", "postal_code", "code", "name", "money", "money_max", "money_min",
		"number", "number_range", "ordinal", "percentage", "date", "time", "datetime", "duration", "period", "product", "category", "brand", "option", "reference"}
}
