package channels

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/dialog"
)

// Roles that a token gives.
const (
	RoleCustomer = "" // a token without a role is a customer's
	RoleAgent    = "agent"
)

// Claims are what a signed token says (JWT, RFC 7519, HS256): `sub` is the customer's or
// agent's id, `aud` the shop's, `exp` is required.
type Claims struct {
	jwt.RegisteredClaims
	Role string `json:"role,omitempty"`
}

// Identity is who the token's bearer is as a shopper.
func (c Claims) Identity() catalog.Identity {
	return catalog.Identity{Customer: c.Subject, Level: catalog.Verified}
}

// Keys holds one signing key a shop, in a folder: the shop's site signs its customers' tokens
// with it. A missing key is made on first use.
type Keys struct{ Dir string }

// shopID is what a shop may be called, and so what a key file may: hello names the shop before
// anything is known of who says it.
var shopID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Key returns a shop's key.
func (k Keys) Key(shop string) ([]byte, error) {
	if !shopID.MatchString(shop) {
		return nil, fmt.Errorf("signing key: %q is no shop id; want 1 to 64 of A-Z, a-z, 0-9, _ and -", shop)
	}
	path := filepath.Join(k.Dir, shop+".key")
	text, _, err := Keep(path, func() string {
		var key [32]byte
		rand.Read(key[:]) // never fails: it ends the process instead
		return hex.EncodeToString(key[:])
	})
	if err != nil {
		return nil, fmt.Errorf("signing key of shop %s: %w", shop, err)
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("%s: want at least 64 hexadecimal digits; delete the file to have a new key made", path)
	}
	return key, nil
}

// Verify reads a token made for the shop. What is wrong with a token comes as a *dialog.Error
// that its bearer may read; any other error is the server's own.
func (k Keys) Verify(shop, token string, now time.Time) (Claims, error) {
	key, err := k.Key(shop)
	if err != nil {
		return Claims{}, err
	}
	bad := func(format string, args ...any) (Claims, error) {
		return Claims{}, &dialog.Error{Code: dialog.Unauthorized, Message: "token: " + fmt.Sprintf(format, args...)}
	}
	var claims Claims
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(shop), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(30*time.Second))
	switch {
	case err != nil:
		return bad("%v", err)
	case claims.Subject == "":
		return bad("no subject (sub)")
	case claims.Role != RoleCustomer && claims.Role != RoleAgent:
		return bad("unknown role %q; want none or agent", claims.Role)
	}
	return claims, nil
}

// Sign makes a token, for tests and for trying things out.
func (k Keys) Sign(shop, subject, role string, expires time.Time) (string, error) {
	key, err := k.Key(shop)
	if err != nil {
		return "", err
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, Claims{Role: role, RegisteredClaims: jwt.RegisteredClaims{
		Subject: subject, Audience: jwt.ClaimStrings{shop}, ExpiresAt: jwt.NewNumericDate(expires)}}).SignedString(key)
}
