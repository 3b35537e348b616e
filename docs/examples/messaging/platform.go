package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Codes of the platform's errors that decide what to do.
const windowClosed = 131047 // only a template may be sent

// tooMany are those that come with status 400 and mean 429.
var tooMany = map[int]bool{130429: true, 131056: true, 80007: true, 4: true}

// errWindow is that a text came after the window.
var errWindow = errors.New("the shopper wrote too long ago")

// text sends a text and returns the platform's id of the message.
func (g *gateway) text(ctx context.Context, to, text string) (string, error) {
	return g.post(ctx, map[string]any{"to": to, "type": "text", "text": map[string]any{"body": text}})
}

func (g *gateway) sendTemplate(ctx context.Context, to string) error {
	_, err := g.post(ctx, map[string]any{"to": to, "type": "template",
		"template": map[string]any{"name": g.template, "language": map[string]string{"code": g.templateLocale}}})
	return err
}

// post sends one message. The error is final, errWindow among them, where another try mends nothing.
func (g *gateway) post(ctx context.Context, message map[string]any) (string, error) {
	message["messaging_product"], message["recipient_type"] = "whatsapp", "individual"
	body, err := json.Marshal(message)
	if err != nil {
		return "", final{err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.graph+"/"+g.number+"/messages", bytes.NewReader(body))
	if err != nil {
		return "", final{err}
	}
	r.Header.Set("Authorization", "Bearer "+g.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", fmt.Errorf("the platform: %w", err)
	}
	defer answer.Body.Close()
	var told struct {
		Messages []struct{ ID string }
		Error    struct {
			Code    int
			Message string
		}
	}
	unreadable := json.NewDecoder(answer.Body).Decode(&told)
	err = fmt.Errorf("the platform answers %s: %d %s", answer.Status, told.Error.Code, told.Error.Message)
	switch code := answer.StatusCode; {
	case code == http.StatusOK && unreadable == nil && len(told.Messages) > 0:
		return told.Messages[0].ID, nil
	case told.Error.Code == windowClosed:
		return "", final{fmt.Errorf("%w: %w", errWindow, err)}
	case code < 300: // taken, whatever it says: never twice
		return "", nil
	case code == http.StatusTooManyRequests || code == http.StatusUnauthorized || code >= 500 || tooMany[told.Error.Code]:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return "", later{err, time.Duration(seconds) * time.Second}
	}
	return "", final{err}
}
