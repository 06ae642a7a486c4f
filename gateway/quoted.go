package gateway

import (
	"regexp"
	"slices"
	"strings"
)

// This file is what somebody wrote in a mail themselves: what stands above what they answer to, and above their signature.

// quoteForms are the lines with which what is not their own begins, of the mail programs that people use.
var quoteForms = []*regexp.Regexp{
	regexp.MustCompile(`^>`),
	regexp.MustCompile(`^-- ?$`),
	regexp.MustCompile(`^_{5,}$`),                             // Outlook
	regexp.MustCompile(`^-{2,} ?\p{L}[\p{L}’' ]{1,60}-{2,}$`), // "-----Original Message-----", "---原始邮件---"
	regexp.MustCompile(`^\*?(From|Von|De|Da|Van|发件人|寄件者|差出人|보낸 사람)\s?[:：]\*? ?\S`), // the header that Outlook puts above an original
	regexp.MustCompile(`(?i)^(sent from|get outlook|von meinem .*gesendet|envoyé de mon|enviado desde|enviado do meu|inviato da|verstuurd vanaf|发自|發自|從我的|从我的)`),
}

// attributionForm is the line, broken as programs like, with which others begin what is answered to: "On Monday, Example wrote:".
var attributionForm = regexp.MustCompile(`(?m)^(?:On|Am|Le|El|Il|Op|Em|在|于)\b?[^\n]{0,200}\n?[^\n]{0,200}\n?[^\n]{0,200}(?:wrote|schrieb[^\n]{0,100}|a écrit|escribió|ha scritto|schreef[^\n]{0,100}|escreveu|写道|寫道)\s?[:：]\s*$`)

// written is what somebody wrote in a mail.
func written(mail string) string {
	mail = strings.ReplaceAll(mail, "\r\n", "\n")
	if at := attributionForm.FindStringIndex(mail); at != nil {
		mail = mail[:at[0]]
	}
	lines := strings.Split(mail, "\n")
	cut := slices.IndexFunc(lines, quoted)
	if cut < 0 {
		return strings.TrimSpace(mail)
	}
	own := strings.TrimSpace(strings.Join(lines[:cut], "\n"))
	// The line that begins a quotation in a language that is not known above.
	last := strings.LastIndexByte(own, '\n') + 1
	if strings.HasPrefix(lines[cut], ">") && (strings.HasSuffix(own, ":") || strings.HasSuffix(own, "：")) {
		own = own[:last]
	}
	return strings.TrimSpace(own)
}

func quoted(line string) bool {
	line = strings.TrimRight(line, " \t")
	return slices.ContainsFunc(quoteForms, func(form *regexp.Regexp) bool { return form.MatchString(line) })
}
