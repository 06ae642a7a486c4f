package gateway

// vocabulary are the words of one language by which customers say what they want to hear from us.
type vocabulary struct {
	language  string // the first part of a BCP 47 tag
	everybody bool   // also for customers of another language: carriers and laws know these words
	stop      []string
	start     []string
	help      []string
}

// vocabularies are compared with what was written after both were normalised, so case, width, accents, hyphens and full stops don't matter here.
var vocabularies = []vocabulary{
	{
		language: "en", everybody: true,
		// 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe. Twilio stops sending by itself at all of these in
		// one word ("Twilio support for opt-out keywords"), and at stopall; AWS at remove too ("Required opt-out list keywords").
		stop: []string{"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out", "remove"},
		// Twilio's, but for "yes": who says yes to a question of ours has not agreed to mail.
		start: []string{"start", "unstop"},
		help:  []string{"help", "info"},
	},
	{
		language: "zh", everybody: true,
		// What texts in China tell people to answer; AWS has TD on the list above for all countries.
		stop:  []string{"td", "t", "退订", "退訂", "取消订阅", "取消訂閱"},
		start: []string{"恢复", "恢復", "恢复订阅", "恢復訂閱", "订阅", "訂閱"},
		help:  []string{"帮助", "幫助"},
	},
	{
		language: "fr",
		// Canadian Common Short Code Application Guidelines: STOP, ARRET, HELP, AIDE and INFO. Twilio's Proxy also takes ARRETE and ARRETT for ARRET.
		stop:  []string{"arrêt", "arrêter", "arrête", "arrett", "désabonner", "désinscription"},
		start: []string{"reprendre"},
		help:  []string{"aide"},
	},
	{
		language: "es",
		// Twilio's "Requirements for a Spanish-language short code": ALTO and AYUDA. In Spain people answer BAJA.
		stop:  []string{"alto", "baja", "parar", "cancelar"},
		start: []string{"alta", "reanudar"},
		help:  []string{"ayuda"},
	},
	// The plain words for ending a subscription: no list of a carrier's is known to us.
	{language: "de", stop: []string{"stopp", "abmelden", "abbestellen", "austragen"}, start: []string{"anmelden"}, help: []string{"hilfe"}},
	{language: "it", stop: []string{"disiscrivi", "disiscrivimi", "annulla"}, start: []string{"riprendi"}, help: []string{"aiuto"}},
	{language: "pt", stop: []string{"parar", "sair", "cancelar"}, start: []string{"voltar"}, help: []string{"ajuda"}},
	{language: "nl", stop: []string{"afmelden", "uitschrijven"}, start: []string{"aanmelden"}, help: []string{"hulp"}},
	{language: "ja", stop: []string{"停止", "配信停止", "解除"}, start: []string{"再開"}, help: []string{"ヘルプ"}},
	{language: "ko", stop: []string{"수신거부", "중지"}, start: []string{"재개"}, help: []string{"도움말"}},
}

// twilioAnswers are the words that Twilio acts on and answers by itself, unless the account says otherwise.
var twilioAnswers = []string{
	"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
	"start", "unstop",
	"help", "info",
}
