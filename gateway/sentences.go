package gateway

import (
	"strings"
)

// What we say to customers of our own accord, which no template says: short, since each is a text message.

// unclearAnswer stands beside the wishes: a question was answered in a way that nobody here understands.
const unclearAnswer wish = "unclear"

// sentences are by language, English where a customer's is not there. NAME stands for the business.
var sentences = map[string]map[wish]string{
	"en": {
		stopWish:  "NAME: you will get no more messages from us. Reply START if you change your mind.",
		startWish: "NAME: you will get our messages again. Reply STOP to get no more.",
		helpWish:  "NAME: messages to our customers. Reply STOP to get no more.",

		unclearAnswer: "NAME: thank you, somebody will read this. To answer our question, please reply with just the number.",
	},
	"zh": { //nolint:gosec // G101: a sentence of Chinese looks like a secret to it
		stopWish:  "【NAME】您将不再收到我们的消息。如需恢复，请回复“恢复”。",
		startWish: "【NAME】已为您恢复消息。如不想再收到，请回复“TD”。",
		helpWish:  "【NAME】这是发给我们顾客的消息。如不想再收到，请回复“TD”。",

		unclearAnswer: "【NAME】谢谢，您的消息会有人看到。如要回答我们的问题，请只回复数字。",
	},
}

// sentenceIn is what we say to somebody, in their language.
func sentenceIn(language, business string, w wish) string {
	language, _, _ = strings.Cut(language, "-")
	said, known := sentences[language]
	if !known {
		said = sentences["en"]
	}
	sentence := said[w]
	if business == "" {
		sentence = strings.NewReplacer("NAME: y", "Y", "NAME: m", "M", "NAME: t", "T", "【NAME】", "").Replace(sentence)
	}
	return strings.ReplaceAll(sentence, "NAME", business)
}
