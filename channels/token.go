package channels

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/floorwalker/floorwalker/catalog"
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

// Key returns a shop's key.
func (k Keys) Key(shop string) ([]byte, error) {
	path := filepath.Join(k.Dir, shop+".key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return k.create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key of shop %s: %w", shop, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("%s: want at least 64 hexadecimal digits; delete the file to have a new key made", path)
	}
	return key, nil
}

// create makes a key; of two processes that try at once, both return the one that stayed.
func (k Keys) create(path string) ([]byte, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of signing keys: %w", err)
	}
	temp, err := os.CreateTemp(k.Dir, ".key-*")
	if err != nil {
		return nil, fmt.Errorf("new signing key: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return nil, fmt.Errorf("new signing key: %w", err)
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("new signing key: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(strings.TrimSpace(string(text)))
}

// Verify reads a token made for the shop. The error says what is wrong with it, never a key.
func (k Keys) Verify(shop, token string, now time.Time) (Claims, error) {
	key, err := k.Key(shop)
	if err != nil {
		return Claims{}, err
	}
	var claims Claims
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(shop), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(30*time.Second))
	if err != nil {
		return Claims{}, fmt.Errorf("token: %w", err)
	}
	if claims.Subject == "" {
		return Claims{}, errors.New("token: no subject (sub)")
	}
	if claims.Role != RoleCustomer && claims.Role != RoleAgent {
		return Claims{}, fmt.Errorf("token: unknown role %q; want none or agent", claims.Role)
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
