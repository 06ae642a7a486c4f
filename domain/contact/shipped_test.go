package contact_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"perennial/domain/contact"
)

// shipped is the contact policy that this repository ships.
func shipped(t testing.TB) contact.Policy {
	t.Helper()
	policy, problems := contact.Load(os.DirFS("../../journeys"))
	if problems != nil {
		t.Fatal(problems)
	}
	return policy
}

// written is the contact policy that the tests ask, with the calendars that this repository ships: what operations change in the shipped one
// changes no test.
func written(t testing.TB) contact.Policy {
	t.Helper()
	policy, problems := contact.Compile(contact.PolicyFile, content(t, "testdata/good/contact-policy.yaml"), shipped(t).Calendars)
	if problems != nil {
		t.Fatal(problems)
	}
	return policy
}

func TestTheShippedPolicyHasNoMistakes(t *testing.T) {
	t.Parallel()
	policy := shipped(t)
	if len(policy.Calendars) < 3 || len(policy.Topics) < 3 || len(policy.Decent) == 0 {
		t.Errorf("got %+v", policy)
	}
}

func TestAStoredPolicyDecodesToItself(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]contact.Policy{"shipped": shipped(t), "written": written(t), "standard": contact.Standard()} {
		encoded, err := json.Marshal(policy)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := contact.DecodePolicy(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(decoded, policy) {
			t.Errorf("the %s policy is stored as %+v and read as %+v", name, policy, decoded)
		}
	}
}

func TestAPolicyOfAnotherBuildIsRefused(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{`{"encoding":2}`, `{}`, `[]`, `{"encoding":1,"valid":"soon"}`} {
		if _, err := contact.DecodePolicy([]byte(stored)); err == nil {
			t.Errorf("%s is read", stored)
		}
	}
}
