package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"perennial/channel/sandbox"
)

// create posts a form as a sender with the right credentials would.
func (b *bench) create(t *testing.T, form url.Values, change ...func(*http.Request)) (status, code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		b.url+"/2010-04-01/Accounts/"+sandbox.AccountSID+"/Messages.json", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(sandbox.AccountSID, sandbox.AuthToken)
	for _, c := range change {
		c(request)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	status, body = read(t, response)
	var answer struct{ Code int }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("the answer is not JSON: %s", body)
	}
	return status, answer.Code, body
}

func goodForm() url.Values {
	return url.Values{"To": {phone}, "From": {ours}, "Body": {"Hello"}}
}

func TestFormsAreCheckedAsStrictlyAsTheProviderWould(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	tests := []struct {
		name   string
		field  string
		values []string // nil: the field is left out
		status int
		code   int
	}{
		{"as it should be", "Body", []string{"Hello"}, 201, 0},
		{"with a good validity", "ValidityPeriod", []string{"36000"}, 201, 0},
		{"with a callback", "StatusCallback", []string{"https://gateway.example/status?touch=1"}, 201, 0},
		{"an unknown field", "Txt", []string{"Hello"}, 400, 20001},
		{"a field in the wrong case", "body", []string{"Hello"}, 400, 20001},
		{"a validity that is no number", "ValidityPeriod", []string{"1h"}, 400, 20422},
		{"a validity that is too long", "ValidityPeriod", []string{"36001"}, 400, 20422},
		{"a field twice", "Body", []string{"Hello", "again"}, 400, 20422},
		{"a boolean that is none", "SmartEncoded", []string{"yes"}, 400, 20422},
		{"no receiver", "To", nil, 400, 21604},
		{"a receiver that is no number", "To", []string{"015005550123"}, 400, 21211},
		{"no sender", "From", nil, 400, 21603},
		{"a sender that is none", "From", []string{"+1-500!"}, 400, 21212},
		{"to ourselves", "From", []string{phone}, 400, 21266},
		{"no body", "Body", nil, 400, 21602},
		{"the longest body", "Body", []string{strings.Repeat("好", 1600)}, 201, 0},
		{"a longer body", "Body", []string{strings.Repeat("好", 1601)}, 400, 21617},
		{"a callback that is no URL", "StatusCallback", []string{"/status"}, 400, 21609},
		{"a callback to a host that can't be", "StatusCallback", []string{"http://a_b.example/"}, 400, 21609},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := goodForm()
			form[test.field] = test.values
			status, code, body := b.create(t, form)
			if status != test.status || code != test.code {
				t.Errorf("got %s", body)
			}
		})
	}
}

func TestWhatsAppFormsAreCheckedAsStrictlyAsTheProviderWould(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	tests := []struct {
		name   string
		change map[string]string // empty: the field is left out
		status int
		code   int
	}{
		{"as it should be", nil, 201, 0},
		{"by a messaging service", map[string]string{"From": "", "MessagingServiceSid": "MG00000000000000000000000000000000"}, 201, 0},
		{"no variables", map[string]string{"ContentVariables": ""}, 201, 0},
		{"from a number that is not WhatsApp's", map[string]string{"From": ours}, 400, 21910},
		{"to a number that is not WhatsApp's", map[string]string{"To": phone}, 400, 21910},
		{"to no number", map[string]string{"To": "whatsapp:5550123"}, 400, 21211},
		{"to ourselves", map[string]string{"To": "whatsapp:" + ours}, 400, 21266},
		{"free text", map[string]string{"ContentSid": "", "ContentVariables": "", "Body": "Hello"}, 400, 63016},
		{"nothing to say", map[string]string{"ContentSid": "", "ContentVariables": ""}, 400, 21602},
		{"a content id that is none", map[string]string{"ContentSid": "HX12"}, 400, 20422},
		{"variables without content", map[string]string{"ContentSid": "", "Body": "Hello"}, 400, 21654},
		{"variables that are no JSON", map[string]string{"ContentVariables": "1=Avery"}, 400, 21656},
		{"a variable that is no text", map[string]string{"ContentVariables": `{"1":1}`}, 400, 21656},
		{"an empty variable", map[string]string{"ContentVariables": `{"1":""}`}, 400, 21656},
		{"a variable with a line break", map[string]string{"ContentVariables": `{"1":"a\nb"}`}, 400, 21656},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			form := url.Values{
				"To": {"whatsapp:" + phone}, "From": {"whatsapp:" + ours},
				"ContentSid": {"HX0123456789abcdef0123456789abcdef"}, "ContentVariables": {`{"1":"Avery"}`},
			}
			for field, value := range test.change {
				form.Set(field, value)
				if value == "" {
					form.Del(field)
				}
			}
			if status, code, body := b.create(t, form); status != test.status || code != test.code {
				t.Errorf("got %s", body)
			}
		})
	}
}

func TestAnAnswerByWhatsAppOpensASession(t *testing.T) {
	t.Parallel()
	address, _ := gateway(t, http.StatusOK)
	b := setup(t, sandbox.Config{InboundSMS: address})
	free := url.Values{"To": {"whatsapp:" + phone}, "From": {"whatsapp:" + ours}, "Body": {"Hello"}}
	b.chat(t, "t-1")
	if _, code, _ := b.create(t, free); code != 63016 {
		t.Errorf("before any answer: code %d", code)
	}
	if _, err := b.Answer(t.Context(), sandbox.Reply{Address: phone, Text: "Hi"}); err != nil {
		t.Fatal(err)
	}
	if status, _, body := b.create(t, free); status != 201 || !strings.Contains(body, `"to":"whatsapp:`+phone+`"`) {
		t.Errorf("after an answer: %s", body)
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	status, code, _ := b.create(t, goodForm(), func(r *http.Request) { r.SetBasicAuth(sandbox.AccountSID, "wrong") })
	if status != 401 || code != 20003 {
		t.Errorf("a wrong token: %d, code %d", status, code)
	}
	status, code, _ = b.create(t, goodForm(), func(r *http.Request) {
		r.URL.Path = strings.ReplaceAll(r.URL.Path, sandbox.AccountSID, "AC11111111111111111111111111111111")
	})
	if status != 404 || code != 20404 {
		t.Errorf("another's account: %d, code %d", status, code)
	}
	if len(b.Messages()) != 0 {
		t.Error("it was received")
	}
}

func TestWhatIsRefusedIsLogged(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	form := goodForm()
	form.Set("Colour", "red")
	form.Set("StatusCallback", "http://gateway.test/?touch=t-9")
	b.create(t, form)
	refused := b.Refused()
	if len(refused) != 1 {
		t.Fatalf("%d are logged", len(refused))
	}
	if r := refused[0]; r.Code != "20001" || r.Touch != "t-9" || r.Fault != sandbox.NoFault || r.At.IsZero() {
		t.Errorf("logged %+v", r)
	}
	if _, body := b.get(t, "/api/refused"); !strings.Contains(body, `"code":"20001"`) {
		t.Errorf("the JSON does not tell: %s", body)
	}
}

func TestSegmentsAreCountedAsCarriersDo(t *testing.T) {
	t.Parallel()
	b := setup(t, sandbox.Config{})
	for text, want := range map[string]string{
		strings.Repeat("a", 160):  "1",
		strings.Repeat("a", 161):  "2",
		strings.Repeat("€", 80):   "1",
		strings.Repeat("€", 81):   "2",
		strings.Repeat("好", 70):   "1",
		strings.Repeat("好", 71):   "2",
		strings.Repeat("😀", 35):   "1",
		strings.Repeat("a", 306):  "2",
		strings.Repeat("a", 1600): "11",
	} {
		form := goodForm()
		form.Set("Body", text)
		_, _, body := b.create(t, form)
		if !strings.Contains(body, `"num_segments":"`+want+`"`) {
			t.Errorf("%.10s… of %d letters: %s, want %s segments", text, len([]rune(text)), body, want)
		}
	}
}
