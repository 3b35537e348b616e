package codes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// HTTP hands letters to a program of the shop's, which sends them as it sends its other mail,
// or as a text message.
type HTTP struct {
	url, key string
	client   *http.Client
}

// Request is the body of what HTTP posts.
type Request struct {
	ID        string    `json:"id"` // the same for a letter tried again
	Shop      string    `json:"shop"`
	To        string    `json:"to"` // e-mail address
	Locale    string    `json:"locale"`
	Code      string    `json:"code"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	ExpiresAt time.Time `json:"expires_at"`
}

// NewHTTP makes the way to a program at a URL. Key goes along as bearer token; "" means none.
func NewHTTP(address, key string) (*HTTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("not an HTTP address: write https://shop.example/codes")
	}
	return &HTTP{url: address, key: key, client: &http.Client{
		// A redirect would take the code somewhere that nobody has named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Deliver posts the letter. Any 2xx means that it was taken, 422 that this address gets none;
// 408, 429 and 5xx are tried again, with the same Idempotency-Key.
func (h *HTTP) Deliver(ctx context.Context, l Worded) error {
	body, err := json.Marshal(Request{ID: l.ID, Shop: l.Shop, To: l.To, Locale: l.Locale, Code: l.Code,
		Subject: l.Subject, Text: l.Text, ExpiresAt: l.Expires.UTC()})
	if err != nil {
		return fmt.Errorf("%w: %w", errFinal, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errFinal, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", l.ID)
	if h.key != "" {
		req.Header.Set("Authorization", "Bearer "+h.key)
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return fmt.Errorf("the program that sends codes can't be reached: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 500))
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %s: %q", ErrRefused, resp.Status, said)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return errors.Join(fmt.Errorf("the program that sends codes answered %s: %q", resp.Status, said), err)
	}
	return fmt.Errorf("%w: the program that sends codes answered %s: %q", errFinal, resp.Status, said)
}
