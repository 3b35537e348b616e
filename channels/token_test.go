package channels_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/floorwalker/floorwalker/catalog"
	"github.com/floorwalker/floorwalker/channels"
	"github.com/floorwalker/floorwalker/dialog"
)

var now = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func TestSignedTokenIsItsCustomers(t *testing.T) {
	keys := channels.Keys{Dir: filepath.Join(t.TempDir(), "keys")}
	token, err := keys.Sign("demo", "C1", channels.RoleCustomer, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := keys.Verify("demo", token, now)
	if err != nil || claims.Identity() != (catalog.Identity{Customer: "C1", Level: catalog.Verified}) {
		t.Errorf("%+v, %v", claims, err)
	}
	info, err := os.Stat(filepath.Join(keys.Dir, "demo.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
}

func TestTokensThatAreNone(t *testing.T) {
	keys := channels.Keys{Dir: t.TempDir()}
	key, err := keys.Key("demo")
	if err != nil {
		t.Fatal(err)
	}
	good := jwt.MapClaims{"sub": "C1", "aud": "demo", "exp": now.Add(time.Hour).Unix()}
	with := func(name string, value any) jwt.MapClaims {
		c := jwt.MapClaims{}
		for k, v := range good {
			c[k] = v
		}
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return c
	}
	sign := func(method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if _, err := keys.Verify("demo", sign(jwt.SigningMethodHS256, key, good), now); err != nil {
		t.Fatal(err)
	}
	whole := sign(jwt.SigningMethodHS256, key, good)
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"C2","aud":"demo","exp":9999999999}`))
	parts := strings.Split(whole, ".")
	for name, token := range map[string]string{
		"nothing":              "",
		"garbage":              "a.b.c",
		"cut in half":          whole[:len(whole)/2],
		"somebody else's name": parts[0] + "." + payload + "." + parts[2],
		"no signature":         sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good),
		"another algorithm":    sign(jwt.SigningMethodHS512, key, good),
		"another key":          sign(jwt.SigningMethodHS256, []byte("01234567890123456789012345678901"), good),
		"an empty key":         sign(jwt.SigningMethodHS256, []byte{}, good),
		"expired":              sign(jwt.SigningMethodHS256, key, with("exp", now.Add(-time.Minute).Unix())),
		"never expires":        sign(jwt.SigningMethodHS256, key, with("exp", nil)),
		"not yet valid":        sign(jwt.SigningMethodHS256, key, with("nbf", now.Add(time.Minute).Unix())),
		"for another shop":     sign(jwt.SigningMethodHS256, key, with("aud", "other")),
		"for no shop":          sign(jwt.SigningMethodHS256, key, with("aud", nil)),
		"of nobody":            sign(jwt.SigningMethodHS256, key, with("sub", nil)),
		"an unknown role":      sign(jwt.SigningMethodHS256, key, with("role", "admin")),
	} {
		var e *dialog.Error
		if claims, err := keys.Verify("demo", token, now); !errors.As(err, &e) || e.Code != dialog.Unauthorized {
			t.Errorf("%s: %+v, %v", name, claims, err)
		} else if strings.Contains(e.Message, keys.Dir) {
			t.Errorf("%s: the message tells a stranger where keys are kept: %s", name, e.Message)
		}
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	keys := channels.Keys{Dir: filepath.Join(dir, "keys")}
	for _, shop := range []string{"", ".", "..", "../evil", "a/b", "a b", "a\x00b", strings.Repeat("a", 65)} {
		if _, err := keys.Sign(shop, "C1", "", now); err == nil {
			t.Errorf("a key was made for shop %q", shop)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("files were made: %v, %v", left, err)
	}
	if _, err := keys.Key("demo"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "abc", "zz" + strings.Repeat("0", 62)} {
		if err := os.WriteFile(filepath.Join(keys.Dir, "demo.key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var e *dialog.Error
		if _, err := keys.Verify("demo", "a.b.c", now); err == nil || errors.As(err, &e) {
			t.Errorf("key file %q: %v, want an error that no stranger reads", text, err)
		}
	}
}

// Several processes that start at once on an empty folder sign with one key.
func TestProcessesMakeOneKey(t *testing.T) {
	if dir := os.Getenv("FLOORWALKER_TEST_KEYS"); dir != "" {
		bufio.NewReader(os.Stdin).ReadString('\n') // all are there
		key, err := channels.Keys{Dir: dir}.Key("demo")
		fmt.Printf("key %x %v\n", key, err)
		return
	}
	dir := filepath.Join(t.TempDir(), "keys")
	type process struct {
		*exec.Cmd
		out strings.Builder
	}
	var processes []*process
	var gates []func() error
	for range 4 {
		p := &process{Cmd: exec.Command(os.Args[0], "-test.run=^TestProcessesMakeOneKey$")}
		p.Env, p.Stdout = append(os.Environ(), "FLOORWALKER_TEST_KEYS="+dir), &p.out
		gate, err := p.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		processes, gates = append(processes, p), append(gates, gate.Close)
	}
	for _, open := range gates {
		open()
	}
	made := map[string]bool{}
	for _, p := range processes {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
		line, _, _ := strings.Cut(p.out.String(), "\n")
		made[line] = true
	}
	key, err := channels.Keys{Dir: dir}.Key("demo")
	if want := fmt.Sprintf("key %x <nil>", key); err != nil || len(made) != 1 || !made[want] {
		t.Errorf("made were %v, want %q (%v)", made, want, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
