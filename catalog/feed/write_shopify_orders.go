package feed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/catalog/store"
)

var shopifyOrdersWritten = []string{"Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Total", "Created at",
	"Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Lineitem fulfillment status",
	"Billing Name", "Billing Address1", "Billing Address2", "Billing City", "Billing Zip", "Billing Province", "Billing Country", "Billing Phone",
	"Shipping Name", "Shipping Address1", "Shipping Address2", "Shipping City", "Shipping Zip", "Shipping Province", "Shipping Country",
	"Cancelled at", "Payment Method", "Refunded Amount", "Tags", "Phone"}

// exportShopifyOrders writes a row for each item; the first of an order has all the rest.
func exportShopifyOrders(r store.Records, w io.Writer, out Output) error {
	sheet := csv.NewWriter(w)
	if err := sheet.Write(shopifyOrdersWritten); err != nil {
		return err
	}
	err := r.OrdersAndCustomers(func(o catalog.Order, c catalog.Customer) error {
		for i, row := range shopifyOrderRows(o, c, out.Currency) {
			if err := sheet.Write(row); err != nil {
				return fmt.Errorf("order %s, item %d: %w", o.ID, i, err)
			}
		}
		return nil
	})
	sheet.Flush()
	return errors.Join(err, sheet.Error())
}

func shopifyOrderRows(o catalog.Order, c catalog.Customer, currency string) [][]string {
	items := o.Items
	if len(items) == 0 {
		return nil // Shopify has no order without an item
	}
	var rows [][]string
	for i, item := range items {
		values := map[string]string{"Name": o.ID, "Lineitem quantity": strconv.Itoa(item.Quantity), "Lineitem name": escaped(item.Title),
			"Lineitem price": written(item.Price), "Lineitem sku": item.SKU, "Lineitem fulfillment status": "pending"}
		if sent(o, item.SKU) {
			values["Lineitem fulfillment status"] = "fulfilled"
		}
		if i == 0 {
			orderValues(values, o, c, currency)
		}
		row := make([]string, len(shopifyOrdersWritten))
		for n, name := range shopifyOrdersWritten {
			row[n] = values[name]
		}
		rows = append(rows, row)
	}
	return rows
}

// statesWritten are Shopify's states of statuses; other statuses are written as unfulfilled, with a tag.
var statesWritten = map[string]string{"shipped": "fulfilled", "delivered": "fulfilled", "return_requested": "fulfilled", "exchange_requested": "fulfilled", "processed": "partial"}

func sent(o catalog.Order, sku string) bool {
	if statesWritten[o.Status] == "partial" {
		return slices.ContainsFunc(o.Shipments, func(s catalog.Shipment) bool { return slices.Contains(s.SKUs, sku) })
	}
	return statesWritten[o.Status] == "fulfilled"
}

func orderValues(values map[string]string, o catalog.Order, c catalog.Customer, currency string) {
	paid, back, subtotal := decimal.Zero, decimal.Zero, decimal.Zero
	var methods []string
	for _, p := range o.Payments {
		if p.Kind == "refund" {
			back = back.Add(p.Amount)
			continue
		}
		paid = paid.Add(p.Amount)
		if p.Method != "" && !slices.Contains(methods, p.Method) {
			methods = append(methods, p.Method)
		}
	}
	for _, i := range o.Items {
		subtotal = subtotal.Add(i.Price.Mul(decimal.NewFromInt(int64(i.Quantity))))
	}
	financial, total := "pending", subtotal
	if paid.IsPositive() {
		financial, total = "paid", paid
	}
	if back.IsPositive() && paid.IsPositive() {
		financial = "partially_refunded"
		if back.GreaterThanOrEqual(paid) {
			financial = "refunded"
		}
	}
	placed := ""
	if o.PlacedAt != nil {
		placed = o.PlacedAt.Format("2006-01-02 15:04:05 -0700")
	}
	status := statesWritten[o.Status]
	if status == "" {
		status = "unfulfilled"
	}
	name := strings.TrimSpace(c.FirstName + " " + c.LastName)
	for column, value := range map[string]string{"Email": c.Email, "Financial Status": financial, "Fulfillment Status": status, "Currency": currency,
		"Subtotal": written(subtotal), "Total": written(total), "Created at": placed, "Billing Name": name, "Billing Phone": c.Phone, "Phone": c.Phone,
		"Shipping Name": name, "Payment Method": strings.Join(methods, " + "), "Refunded Amount": written(back)} {
		values[column] = value
	}
	writeAddress(values, "Billing", c.Address)
	writeAddress(values, "Shipping", o.Address)
	if paid.IsPositive() {
		values["Paid at"] = placed // when exactly isn't known
	}
	refunded := financial != "paid" && financial != "pending"
	switch {
	case o.Status == "cancelled":
		if values["Cancelled at"] = placed; placed == "" {
			values["Cancelled at"] = "unknown"
		}
	case o.Status == "shipped", o.Status == "":
	case o.Status == "pending" && !refunded: // with money back the columns alone would say processed
	default:
		values["Tags"] = statusTag + o.Status
	}
}

func writeAddress(values map[string]string, kind string, a catalog.Address) {
	for column, value := range map[string]string{"Address1": a.Line1, "Address2": a.Line2, "City": a.City, "Zip": a.PostalCode, "Province": a.Region, "Country": a.Country} {
		values[kind+" "+column] = value
	}
}
