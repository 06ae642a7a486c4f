package message_test

import (
	"slices"
	"strings"
	"testing"

	"perennial/domain/customer"
	"perennial/domain/message"
	"perennial/domain/problem"
	"perennial/domain/segment"
)

// The instant is 4 May 2026, 20:00 UTC: 5 May, 04:00 in Shanghai, where the customer lives.
func TestDatesNumbersAndMoneyAreWrittenAsInTheLanguageOfTheTemplate(t *testing.T) {
	t.Parallel()
	const text = `{{ now | date: "long" }}; {{ now | date: "short" }}; {{ now | date: "day" }}; {{ now | date: "weekday" }}; {{ now | date: "time" }}; ` +
		`{{ customer.purchases.total | number }}; {{ customer.purchases.total | number: 2 }}; {{ customer.purchases.count | number }}; ` +
		`{{ customer.purchases.total | money }}; {{ customer.purchases.total | money: "CNY" }}; {{ customer.purchases.total | money: "JPY" }}; {{ now | date: "%Y/%m/%d" }}`
	for language, want := range map[string]string{
		"en":    "5 May 2026; 5 May; Tuesday, 5 May; Tuesday; 04:00; 1,234,567.5; 1,234,567.50; 3; €1,234,567.50; CN¥1,234,567.50; ¥1,234,568; 2026/05/05",
		"en-GB": "5 May 2026; 5 May; Tuesday, 5 May; Tuesday; 04:00; 1,234,567.5; 1,234,567.50; 3; €1,234,567.50; CN¥1,234,567.50; JP¥1,234,568; 2026/05/05",
		"en-US": "May 5, 2026; May 5; Tuesday, May 5; Tuesday; 4:00 AM; 1,234,567.5; 1,234,567.50; 3; €1,234,567.50; CN¥1,234,567.50; ¥1,234,568; 2026/05/05",
		"zh-CN": "2026年5月5日; 5月5日; 5月5日星期二; 星期二; 04:00; 1,234,567.5; 1,234,567.50; 3; €1,234,567.50; ￥1,234,567.50; JP¥1,234,568; 2026/05/05",
		"zh":    "2026年5月5日; 5月5日; 5月5日星期二; 星期二; 04:00; 1,234,567.5; 1,234,567.50; 3; €1,234,567.50; ￥1,234,567.50; JP¥1,234,568; 2026/05/05",
		// Not in the table: a day that can't be mistaken, the code of the currency, numbers as they are written there.
		"de": "2026-05-05; 2026-05-05; 2026-05-05; 2026-05-05; 04:00; 1.234.567,5; 1.234.567,50; 3; EUR 1.234.567,50; CNY 1.234.567,50; JPY 1.234.568; 2026/05/05",
		"fr": "2026-05-05; 2026-05-05; 2026-05-05; 2026-05-05; 04:00; 1 234 567,5; 1 234 567,50; 3; EUR 1 234 567,50; CNY 1 234 567,50; JPY 1 234 568; 2026/05/05",
	} {
		to := someone(t)
		to.Language = language
		got, err := set(t, map[string]string{"a.sms." + language: text}).Render("a", customer.SMS, message.About{Customer: to}, today)
		if err != nil || got.Text != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", language, got.Text, err, want)
		}
	}
}

func TestADebtIsWrittenWithItsSignFirst(t *testing.T) {
	t.Parallel()
	to := someone(t)
	to.Purchases.Total = -12.5
	for language, want := range map[string]string{"en": "-€12.50", "zh": "-€12.50", "de": "EUR -12,50"} {
		got, err := set(t, map[string]string{"a.sms." + language: "{{ customer.purchases.total | money }}"}).Render("a", customer.SMS, message.About{Customer: to}, today)
		if err != nil || got.Text != want {
			t.Errorf("%s: got %q, %v, want %q", language, got.Text, err, want)
		}
	}
}

func TestMoneyNeedsACurrency(t *testing.T) {
	t.Parallel()
	for of, want := range map[string]string{
		"":        `templates/a.sms.en.liquid:1:31: no currency is named; write one as money: "EUR", or business: currency: EUR in the profile catalogue`,
		"dollars": "templates/a.sms.en.liquid:1:31: dollars is no currency; write an ISO 4217 code such as EUR as business: currency: in the profile catalogue",
		"EUR":     "",
	} {
		cat := segment.Catalogue{Business: []segment.Constant{{Name: "currency", Value: of}}}
		var problems problem.List
		message.New("templates", cat, []message.Source{{File: "a.sms.en.liquid", Text: "{{ customer.purchases.total | money }}"}}, &problems)
		var got []string
		for _, p := range problems.Sorted() {
			got = append(got, p.String())
		}
		if strings.Join(got, "") != want {
			t.Errorf("%q: got %q, want %q", of, got, want)
		}
	}
}

func TestEnglishNamesOfDaysStandOnlyInEnglish(t *testing.T) {
	t.Parallel()
	const want = `1:16: %B writes English words; write date: "long", "short", "day" or "weekday", which know the language`
	if got := check(t, "a.sms.zh-CN.liquid", `{{ now | date: "%-d %B" }}`); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q", got)
	}
	for _, text := range []string{`{{ now | date: "%Y年%-m月%-d日" }}`, `{{ now | date: "%-H:%M" }}`} {
		if got := check(t, "a.sms.zh-CN.liquid", text); got != nil {
			t.Errorf("%s: got %q", text, got)
		}
	}
}
