package web

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// pictures are the kinds of file that may be a product's picture.
var pictures = map[string]bool{".svg": true, ".png": true, ".jpg": true, ".jpeg": true, ".webp": true, ".avif": true, ".gif": true}

// images serves the pictures of products, and nothing else that lies beside them. A drawing
// may hold scripts: the policy that goes with it lets none run, wherever it is opened.
func images(files fs.FS) http.Handler {
	serve := http.StripPrefix("/images", http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !pictures[strings.ToLower(path.Ext(r.URL.Path))] {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox")
		h.Set("Cache-Control", "public, max-age=3600")
		serve.ServeHTTP(w, r)
	})
}
