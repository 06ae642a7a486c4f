package config

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// every returns a configuration whose secrets all say "hidden", each in the forms that it may have.
func every(t *testing.T) []Config {
	t.Helper()
	var all []Config
	for _, form := range []string{"hidden", "postgres://u:hidden@h/d", "postgres://h/d?user=u&password=hidden", "smtps://u:hid%64en@h:465", "://hidden", "hidden@h"} {
		c := full(t)
		fields := reflect.ValueOf(&c).Elem()
		n := 0
		for _, field := range fields.Fields() {
			if field.Type() == reflect.TypeFor[Secret]() {
				field.SetString(form)
				n++
			}
		}
		if n < 7 {
			t.Fatalf("only %d fields are secrets", n)
		}
		all = append(all, c)
	}
	return all
}

func TestNoFormOfTheConfigurationShowsASecret(t *testing.T) {
	t.Parallel()
	for _, c := range every(t) {
		holder := struct {
			Config Config
			Point  *Config
			List   []Secret
			Map    map[string]Secret
		}{c, &c, []Secret{c.GatewayToken}, map[string]Secret{"a": c.DatabaseURL}}
		forms := map[string]string{"String": c.String()}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%f", "%c", "%U", "%e", "%o", "%20v"} {
			for what, value := range map[string]any{"a secret": c.SMTPURL, "the configuration": c, "its address": &c, "a struct": holder, "an error": errors.New(fmt.Sprint(c.DatabaseURL))} {
				forms[what+" by "+verb] = fmt.Sprintf(verb, value)
			}
		}
		var log bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
			slog.New(handler).With("with", c).WithGroup("g").Info(fmt.Sprint(c), "config", c, "address", &c, "secret", c.TwilioAuthToken, "holder", holder, "list", holder.List)
		}
		forms["log"] = log.String()
		asJSON, errJSON := json.Marshal(holder)
		asXML, errXML := xml.Marshal([]Secret{c.GatewayToken})
		if errJSON != nil || errXML != nil {
			t.Fatal(errJSON, errXML)
		}
		forms["JSON"], forms["XML"] = string(asJSON), string(asXML)
		for how, text := range forms {
			if strings.Contains(text, "hidden") || strings.Contains(text, "hid%64en") || strings.Contains(text, "68696464656e") {
				t.Errorf("%s shows a secret: %.300s", how, text)
			}
		}
	}
}

func TestAMistypedURLIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"DATABASE_URL", "SMTP_URL", "TEMPORAL_UI_URL", "PUBLIC_URL", "TWILIO_API_URL", "SLACK_API_URL", "MAIL_UNSUBSCRIBE_URL"} {
		for _, mistyped := range []string{
			"postgre://u:hidden@h/d", "u:hidden@h", "postgres//u:hidden@h/d", "postgres:u:hidden@h", "http://u:hid den@h/hidden", "smtp://u:hidden%zz@h", "https://u:hidden@h:port/",
			"smtp://u:hidden@", "\x00hidden", "https://u:hidden@h\n", "://hidden", "hidden",
		} {
			_, err := parse(map[string]string{name: mistyped})
			if err == nil || strings.Contains(err.Error(), "hidden") || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%q: got %v", name, mistyped, err)
			}
		}
	}
	for _, name := range []string{"TEMPORAL_UI_URL", "PUBLIC_URL", "TWILIO_API_URL", "SLACK_API_URL"} {
		if _, err := parse(map[string]string{name: "https://u:hidden@h/"}); err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s may have a password, which is shown: %v", name, err)
		}
	}
}
