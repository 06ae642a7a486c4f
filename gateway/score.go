package gateway

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What an answer to a question with five grades means: a number, a word, stars or a face. Like the words of wordlist.go it is the whole message.

// grades are the words for each grade, in English and Chinese: everybody's, as people answer in the language of the question or in their own.
// They are compared after both sides were levelled.
var grades = [6][]string{
	1: {"one", "一", "very dissatisfied", "very unsatisfied", "very unhappy", "very bad", "terrible", "awful", "horrible", "很不满意", "很不滿意", "非常不满意", "非常不滿意", "很差", "太差了", "😡", "😠", "🤬", "😭", "💔"},
	2: {"two", "二", "两", "dissatisfied", "unsatisfied", "not satisfied", "unhappy", "not happy", "bad", "poor", "不满意", "不滿意", "不太满意", "不太滿意", "不好", "差", "👎", "🙁", "☹", "😕", "😞", "😟"},
	3: {"three", "三", "neutral", "average", "ok", "okay", "so so", "fair", "一般", "一般般", "还行", "還行", "还可以", "還可以", "😐", "😑", "😶"}, //nolint:dupword // so so
	4: {"four", "四", "satisfied", "happy", "good", "满意", "滿意", "好", "不错", "不錯", "👍", "🙂", "😊", "👌"},
	5: {"five", "五", "very satisfied", "very happy", "very good", "excellent", "great", "perfect", "amazing", "很满意", "很滿意", "非常满意", "非常滿意", "很好", "非常好", "太好了", "😀", "😃", "😄", "😁", "😍", "🤩", "🥰", "❤"},
}

var (
	// A grade as a number, alone or counted: "4", "4 stars", "4/5", "4 out of 5", "4分", "4星", "四颗星".
	numberForm = regexp.MustCompile(`^([1-5]|one|two|three|four|five|[一二两三四五]) ?(?:stars?|/ ?5|(?:out )?of (?:5|five)|points?|分|星|颗星|顆星)?$`)
	// Stars, drawn: those that are full count.
	starsForm = regexp.MustCompile(`^([★⭐🌟]{1,5})☆{0,4}$`)
	// A number below nothing, or a vote: "-5", "+1".
	signedForm = regexp.MustCompile(`^\s*[\p{Pd}−+]`)
	// How an emoji is to look, which changes nothing of what it says: as a picture, and of which skin.
	lookForm = regexp.MustCompile(`[\x{fe0e}\x{fe0f}\x{1f3fb}-\x{1f3ff}]`)
)

// numberOf reads a number from 1 to 5, such as "4", "４", "four!" or "4 stars", which answers any question of ours.
func numberOf(text string) (number int, ok bool) {
	counted := numberForm.FindStringSubmatch(answerIn(text))
	if counted == nil || signedForm.MatchString(text) {
		return 0, false
	}
	if n, err := strconv.Atoi(counted[1]); err == nil {
		return n, true
	}
	return gradeOf(counted[1])
}

// scoreOf reads a number, a word or a face, such as "4", "很满意" or "👍👍", which answers a question on how satisfied somebody is.
func scoreOf(text string) (score int, ok bool) {
	if score, ok := numberOf(text); ok || signedForm.MatchString(text) {
		return score, ok
	}
	text = answerIn(text)
	if drawn := starsForm.FindStringSubmatch(text); drawn != nil && utf8.RuneCountInString(text) <= 5 {
		return utf8.RuneCountInString(drawn[1]), true
	}
	if once := first(text); once != "" && strings.Trim(text, once) == "" { // "👍👍👍" says it once
		text = once
	}
	return gradeOf(text)
}

// answerIn is a text without what people put around an answer.
func answerIn(text string) string {
	return strings.Trim(level(lookForm.ReplaceAllString(text, "")), " .!。,，、~～;；")
}

func gradeOf(text string) (grade int, ok bool) {
	for grade, words := range grades {
		for _, word := range words {
			if level(word) == text {
				return grade, true
			}
		}
	}
	return 0, false
}

// first is the first character of a text where that is no letter or number of which words are made, "" elsewhere.
func first(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if r < 0x2600 || r >= 0x3000 && r < 0x1f300 {
		return ""
	}
	return text[:size]
}
