package smtp

import (
	"html"
	"strings"
)

// footLinks is what the link in a mail's foot is called, by the first part of a BCP 47 tag; English where a language is not there.
var footLinks = map[string]string{
	"en": "Unsubscribe",
	"zh": "退订",
	"de": "Abmelden",
	"es": "Darse de baja",
	"fr": "Se désabonner",
	"it": "Annulla l'iscrizione",
	"ja": "配信停止",
	"ko": "수신거부",
	"nl": "Afmelden",
	"pt": "Cancelar a subscrição",
}

func footLink(language string) string {
	language, _, _ = strings.Cut(language, "-")
	if title, known := footLinks[language]; known {
		return title
	}
	return footLinks["en"]
}

// withFoot adds the foot to a plain text, behind the mark at which mail programs cut off what they answer to.
func withFoot(text, language, link string) string {
	return text + "\n\n-- \n" + footLink(language) + ": " + link + "\n"
}

// withFootHTML adds it to an HTML document.
func withFootHTML(document, language, link string) string {
	foot := `<p style="max-width:38em;margin:2em auto 0;font:13px/1.5 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',sans-serif">` +
		`<a href="` + html.EscapeString(link) + `" style="color:#767676">` + html.EscapeString(footLink(language)) + "</a></p>\n"
	end := strings.LastIndex(document, "</body>")
	if end < 0 {
		return document + foot
	}
	return document[:end] + foot + document[end:]
}
