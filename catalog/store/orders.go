package store

// OrderIDs returns at most limit ids of orders, to learn how the shop writes them.
func (r Records) OrderIDs(limit int) ([]string, error) {
	rows, err := r.tx.Query(`SELECT id FROM orders WHERE shop = ? ORDER BY id LIMIT ?`, r.shop, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
