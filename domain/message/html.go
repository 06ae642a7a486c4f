package message

import (
	"fmt"
	html "html/template"
	"strings"
)

// page is the plain layout of every email. Styles are inline because mail programs drop all others.
const page = `<!doctype html>
<html lang="{{.Language}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;background:#ffffff">
<div style="max-width:34em;margin:0 auto;font:16px/1.55 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif;color:#222222">
{{- range .Paragraphs}}
<p style="margin:0 0 1em">{{range $i, $line := .}}{{if $i}}<br>{{end}}{{$line}}{{end}}</p>
{{- end}}
</div>
</body>
</html>
`

// layOut makes the HTML part of an email from its text: paragraphs where an empty line is, everything else escaped.
func layOut(text, language string) (string, error) {
	layout, err := html.New("page").Parse(page)
	if err != nil {
		return "", fmt.Errorf("read the layout of emails: %w", err)
	}
	var paragraphs [][]string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraphs = append(paragraphs, strings.Split(paragraph, "\n"))
	}
	var out strings.Builder
	if err := layout.Execute(&out, map[string]any{"Language": language, "Paragraphs": paragraphs}); err != nil {
		return "", fmt.Errorf("lay out an email: %w", err)
	}
	return out.String(), nil
}
