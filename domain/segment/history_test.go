package segment_test

import (
	"errors"
	"testing"
	"time"

	"perennial/domain/segment"
)

// happened counts how often it is asked.
func happened(asked *int) func() (map[string][]time.Time, error) {
	return func() (map[string][]time.Time, error) {
		*asked++
		return map[string][]time.Time{
			"purchase": {
				time.Date(2024, 1, 31, 15, 0, 0, 0, time.UTC), time.Date(2026, 1, 31, 15, 0, 0, 0, time.UTC),
				time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC), time.Date(2026, 3, 10, 3, 30, 0, 1, time.UTC), // the last a moment after now
			},
		}, nil
	}
}

func TestExpressionsLookBackAtWhatHappened(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for source, want := range map[string]bool{
		`count('purchase') == 3`:                                true,
		`count('purchase', days(365)) == 2`:                     true,
		`count('purchase', days(8)) == 0`:                       true,
		`count('purchase', days(9)) == 1`:                       true,
		`count('survey.answered') == 0`:                         true,
		`last('purchase') == timestamp('2026-03-01T15:00:00Z')`: true,
		`last('purchase').getHours() == 10`:                     true, // in the customer's zone
		// What never happened is longer ago than anything.
		`last('survey.answered') < now - years(100)`:                            true,
		`last('survey.answered') + days(90) < now`:                              true,
		`now - last('survey.answered') > duration('1000000h')`:                  true,
		`last('survey.answered') - days(30) < now`:                              true,
		`last('survey.answered') - duration('48h') < now`:                       true,
		`within(last('survey.answered'), days(90))`:                             false,
		`last('survey.answered') + duration('-48h') == last('survey.answered')`: true,
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			f, asked := facts(t), 0
			f.Happened = happened(&asked)
			got, err := e.Bool(t.Context(), source, f)
			if err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			if asked != 1 {
				t.Errorf("the history was read %d times", asked)
			}
		})
	}
}

func TestTheHistoryIsReadOnlyWhereAnExpressionComesToIt(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	for source, want := range map[string]int{
		`customer.star == 4`:                          0,
		`customer.star == 5 && count('purchase') > 1`: 0,
		`count('purchase') > 1 && last('purchase') < now && count('purchase') < 100`: 1,
	} {
		f, asked := facts(t), 0
		f.Happened = happened(&asked)
		if _, err := e.Bool(t.Context(), source, f); err != nil || asked != want {
			t.Errorf("%s: read %d times, %v, want %d", source, asked, err, want)
		}
	}
}

func TestAHistoryThatCantBeReadIsNoMistakeOfTheExpression(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f, away := facts(t), errors.New("the database is away")
	f.Happened = func() (map[string][]time.Time, error) { return nil, away }
	_, err := e.Bool(t.Context(), `count('purchase') > 1`, f)
	if _, ok := errors.AsType[*segment.HistoryError](err); !ok || !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	if _, err = e.Bool(t.Context(), `last('purchase') > now || customer.city == "Riga"`, f); err == nil {
		t.Error("an unread history counts as an answer")
	}
}

func TestWithoutAHistoryNothingHappened(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	if got, err := e.Bool(t.Context(), `count('purchase') == 0 && last('purchase') < now`, facts(t)); err != nil || !got {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestMistakesAboutEventsSayWhatToWrite(t *testing.T) {
	t.Parallel()
	env, err := segment.NewEnv(parse(t), segment.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	const usage = "write count('purchase') or count('purchase', days(365))"
	for source, want := range map[string]segment.Issue{
		`count('purchse') > 1`:          {Offset: 6, What: "unknown event purchse", Mend: "did you mean purchase?"},
		`last('visit.completed') < now`: {Offset: 5, What: "unknown event visit.completed", Mend: "write message.received, profile.changed, purchase or survey.answered"},
		`count(customer.owner) > 1`:     {Offset: 14, What: "count() takes an event type that is written out", Mend: "write it in quotes, such as count('purchase')"},
		`count(purchase) > 1`:           {Offset: 6, What: "an event type stands in quotes", Mend: "write count('purchase')"},
		`count('purchase', 365) > 1`:    {Offset: 5, What: "count can't be applied to string and int", Mend: usage},
		`count() > 1`:                   {Offset: 5, What: "count can't be applied to nothing", Mend: usage},
	} {
		issues, _ := env.Check(source, segment.Bool)
		if len(issues) != 1 || issues[0] != want {
			t.Errorf("%s: got %+v, want %+v", source, issues, want)
		}
	}
}

func TestWhatHappenedMayBeKnownForLongerThanNow(t *testing.T) {
	t.Parallel()
	e := segment.NewEvaluator(parse(t))
	f, asked := facts(t), 0
	f.Happened = happened(&asked)
	now := f.Now
	f.Now, f.Known = now.AddDate(0, 0, -30), now.Add(time.Second)
	for source, want := range map[string]bool{
		`count('purchase') == 4`:                true,
		`count('purchase', days(1)) == 1`:       true,
		`last('purchase') > now + days(29)`:     true,
		`today < now && now < last('purchase')`: true,
	} {
		if got, err := e.Bool(t.Context(), source, f); err != nil || got != want {
			t.Errorf("%s: got %v, %v", source, got, err)
		}
	}
}
