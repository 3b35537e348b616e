package shopfile

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"github.com/floorwalker/floorwalker/catalog"
)

const settingsFile = "shop.yaml"

var (
	idForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	hoursForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$`)
	phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{3,23}$`)
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	weekdays  = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	proofs    = []string{"token", "code", "email", "name_postal_code", "order_email", "order_postal_code"}
)

// Settings reads shop.yaml at the root of a shop folder and checks each value. What may be
// left out gets its default: the id is then folder, the folder's name.
func Settings(fsys fs.FS, folder string) (catalog.Settings, catalog.Faults) {
	var s catalog.Settings
	file, faults := Parse(fsys, settingsFile)
	if len(faults) > 0 {
		return s, faults
	}
	body := file.Docs[0].Body
	if faults := DecodeNode(settingsFile, body, &s); len(faults) > 0 {
		return s, faults
	}
	c := settingsChecker{body: body}
	c.identity(&s, folder)
	c.languages(s)
	c.place(s)
	c.desk(s)
	c.contact(s.Contact)
	if loss := s.Understanding.InScopeLoss; loss < 0 || loss > 0.5 {
		c.fault([]any{"understanding", "in_scope_loss"}, "in_scope_loss %v: write a part from 0.001 to 0.5, such as 0.03 for three in a hundred", loss)
	}
	if len(c.faults) > 0 {
		return s, c.faults
	}
	data, err := fs.ReadFile(fsys, settingsFile)
	if err != nil {
		return s, catalog.Faults{{File: settingsFile, Message: err.Error()}}
	}
	sum := sha256.Sum256(data)
	s.Version = hex.EncodeToString(sum[:6])
	return s, nil
}

// settingsChecker checks values that have the right type.
type settingsChecker struct {
	body   ast.Node
	faults catalog.Faults
}

func (c *settingsChecker) fault(path []any, format string, args ...any) {
	c.faults = append(c.faults, Fault(settingsFile, Find(c.body, path...), format, args...))
}

func (c *settingsChecker) identity(s *catalog.Settings, folder string) {
	if s.ID == "" {
		s.ID = folder
	}
	if !idForm.MatchString(s.ID) {
		c.fault([]any{"id"}, "id %q: write 1 to 64 of A-Z, a-z, 0-9, _ and - (without an id, the folder's name is taken)", s.ID)
	}
	if len(s.Name) == 0 {
		s.Name = catalog.Text{"": s.ID}
	}
	if s.Identity.Claimed == nil {
		s.Identity.Claimed = []string{"order_email", "order_postal_code"}
	}
	if s.Identity.Verified == nil {
		s.Identity.Verified = []string{"token", "code"}
	}
	for key, names := range map[string][]string{"claimed": s.Identity.Claimed, "verified": s.Identity.Verified} {
		for i, name := range names {
			if !slices.Contains(proofs, name) {
				c.fault([]any{"identity", key, i}, "proof %q is unknown: %s", name, Choices(name, proofs))
			}
		}
	}
}

func (c *settingsChecker) languages(s catalog.Settings) {
	if len(s.Locales) == 0 {
		c.fault([]any{"locales"}, "locales are missing: write locales: [en], the default first")
	}
	for i, l := range s.Locales {
		if _, err := language.Parse(l); err != nil {
			c.fault([]any{"locales", i}, "locale %q is not a language tag (BCP 47): write for example en, zh or pt-BR", l)
		} else if slices.Index(s.Locales, l) < i {
			c.fault([]any{"locales", i}, "locale %q stands twice: keep one", l)
		}
	}
	c.text(s.Name, "name")
	for i, h := range s.Holidays {
		c.text(h.Name, "holidays", i, "name")
	}
	for _, notice := range slices.Sorted(maps.Keys(s.Notices)) {
		c.text(s.Notices[notice], "notices", notice)
	}
	for _, l := range slices.Sorted(maps.Keys(s.Notices["code_text"])) {
		if !strings.Contains(s.Notices["code_text"][l], "{code}") {
			c.fault([]any{"notices", "code_text"}, "the letter with a one-time code doesn't hold the code: write {code} where it stands")
		}
	}
}

func (c *settingsChecker) text(t catalog.Text, path ...any) {
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if _, err := language.Parse(l); l != "" && err != nil {
			c.fault(append(slices.Clone(path), l), "%q is not a language tag (BCP 47): write for example en or zh", l)
		}
	}
}

func (c *settingsChecker) place(s catalog.Settings) {
	if s.Currency == "" {
		c.fault([]any{"currency"}, "currency is missing: write for example currency: USD")
	} else if _, err := currency.ParseISO(s.Currency); err != nil || strings.ToUpper(s.Currency) != s.Currency {
		c.fault([]any{"currency"}, "currency %q is not a code of ISO 4217: write for example USD, EUR or CNY", s.Currency)
	}
	// Of the names that LoadLocation takes, "Local" would differ from machine to machine.
	if _, err := time.LoadLocation(s.TimeZone); s.TimeZone == "" || s.TimeZone == "Local" || err != nil {
		c.fault([]any{"time_zone"}, "time zone %q is unknown: write for example Europe/London or Asia/Shanghai", s.TimeZone)
	}
}

func (c *settingsChecker) contact(to catalog.Contact) {
	if to.Phone != "" && !phoneForm.MatchString(to.Phone) {
		c.fault([]any{"contact", "phone"}, "phone %q: write the number as people dial it, for example +1 503-555-0142", to.Phone)
	}
	if to.Email != "" && !emailForm.MatchString(to.Email) {
		c.fault([]any{"contact", "email"}, "e-mail address %q: write for example help@example.com", to.Email)
	}
}

func (c *settingsChecker) desk(s catalog.Settings) {
	for _, day := range slices.Sorted(maps.Keys(s.Hours)) {
		span := s.Hours[day]
		from, to, _ := strings.Cut(span, "-")
		switch {
		case !slices.Contains(weekdays, day):
			c.faults = append(c.faults, Unknown(settingsFile, findKey(c.body, "hours", day), weekdays))
		case !hoursForm.MatchString(span) || from >= to:
			c.fault([]any{"hours", day}, `hours %q: write from-to within one day, for example "09:00-18:00"`, span)
		}
	}
	for i, h := range s.Holidays {
		if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
			c.fault([]any{"holidays", i, "date"}, "date %q: write year-month-day, for example 2026-12-25", h.Date)
		}
	}
}
