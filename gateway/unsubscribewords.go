package gateway

import "strings"

// choiceWords are the words of the page to unsubscribe, in one language. TOPIC stands for the mail's topic.
type choiceWords struct {
	Language string // BCP 47
	Title    string

	gets, getsNot, getsNone string // what the reader gets: messages about the topic; about others only; nothing at all
	stopTopic, StopAll      string // the buttons
	Undo                    string

	topics map[string]string // what topics are called
}

// allChoiceWords are by the first part of a BCP 47 tag; English where a language is not there.
var allChoiceWords = map[string]choiceWords{
	"en": {
		Language:  "en",
		Title:     "Your messages from us",
		gets:      "You get messages about TOPIC from us.",
		getsNot:   "You get no more messages about TOPIC from us.",
		getsNone:  "You get no more messages from us.",
		stopTopic: "No more about TOPIC",
		StopAll:   "No more messages at all",
		Undo:      "Undo",
		topics:    map[string]string{"service": "your purchases and visits", "care": "care and advice", "marketing": "offers and news"},
	},
	"zh": {
		Language:  "zh",
		Title:     "我们发给您的消息",
		gets:      "您目前会收到我们关于“TOPIC”的消息。",
		getsNot:   "您将不再收到我们关于“TOPIC”的消息。",
		getsNone:  "您将不再收到我们的任何消息。",
		stopTopic: "不再接收“TOPIC”",
		StopAll:   "不再接收任何消息",
		Undo:      "撤销",
		topics:    map[string]string{"service": "购买与服务", "care": "关怀与建议", "marketing": "优惠与新品"},
	},
}

func choiceWordsIn(language string) choiceWords {
	language, _, _ = strings.Cut(language, "-")
	if words, known := allChoiceWords[language]; known {
		return words
	}
	return allChoiceWords["en"]
}

// topic is what a topic is called; one of the business's own is called what operations call it.
func (w choiceWords) topic(name string) string {
	if title, known := w.topics[name]; known {
		return title
	}
	return strings.ReplaceAll(name, "_", " ")
}

// Says is the sentence that says what the reader gets.
func (c choices) Says() string {
	sentence := c.Words.getsNone
	switch {
	case c.Gets:
		sentence = c.Words.gets
	case c.Others:
		sentence = c.Words.getsNot
	}
	return strings.ReplaceAll(sentence, "TOPIC", c.Topic)
}

// StopTopic is what the button for the mail's topic says.
func (c choices) StopTopic() string { return strings.ReplaceAll(c.Words.stopTopic, "TOPIC", c.Topic) }
