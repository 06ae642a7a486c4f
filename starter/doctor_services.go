package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"perennial/config"
	"perennial/domain/customer"
	"perennial/workflows"
)

// examineTemporal looks at Temporal, and at the workers that poll it.
func (c *console) examineTemporal(ctx context.Context, settings config.Config) []finding {
	options, err := c.temporalOptions(settings)
	if err != nil {
		return []finding{findingOf("temporal", err, "mend Temporal's variables, or its configuration file")}
	}
	temporal, err := c.dial(ctx, settings)
	if err != nil {
		return []finding{findingOf("temporal", err, "start it, or mend TEMPORAL_ADDRESS")}
	}
	defer temporal.Close()
	_, err = temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: options.Namespace})
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing {
		return []finding{{
			bad, "temporal", fmt.Sprintf("%s has no namespace %s", options.HostPort, options.Namespace),
			fmt.Sprintf("`temporal operator namespace create --retention 90d %s`, or mend TEMPORAL_NAMESPACE", options.Namespace),
		}}
	}
	if err != nil {
		return []finding{{bad, "temporal", "reading namespace " + options.Namespace + ": " + cause(err), "may this client use the namespace?"}}
	}
	found := []finding{
		{Level: ok, About: "temporal", What: fmt.Sprintf("reachable at %s, namespace %s", options.HostPort, options.Namespace)},
		examineAttributes(ctx, temporal, options.Namespace),
		examineQueue(ctx, temporal, workflows.JourneysQueue, enums.TASK_QUEUE_TYPE_WORKFLOW, bad),
	}
	wanted := map[customer.Channel]bool{customer.SMS: settings.TwilioAccountSID != "", customer.Email: settings.SMTPURL != ""}
	for _, channel := range []customer.Channel{customer.SMS, customer.Email} {
		missing := warn
		if wanted[channel] {
			missing = bad
		}
		found = append(found, examineQueue(ctx, temporal, workflows.DeliveryQueue(channel), enums.TASK_QUEUE_TYPE_ACTIVITY, missing))
	}
	return found
}

// examineAttributes looks for the search attributes without which no enrollment can start.
func examineAttributes(ctx context.Context, c client.Client, namespace string) finding {
	const about = "search attributes"
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return finding{warn, about, "they can't be listed: " + cause(err), "see in Temporal's UI whether the namespace has those of deploy/devserver"}
	}
	var missing, wrong []string
	for _, key := range searchAttributes() {
		kind, there := have.GetCustomAttributes()[key.GetName()]
		switch {
		case !there:
			missing = append(missing, "--name "+key.GetName()+" --type "+key.GetValueType().String())
		case kind != key.GetValueType():
			wrong = append(wrong, fmt.Sprintf("%s is %s and should be %s", key.GetName(), kind, key.GetValueType()))
		}
	}
	if len(wrong) > 0 {
		return finding{bad, about, strings.Join(wrong, ", "), "another program uses these names: give Perennial a namespace of its own"}
	}
	if len(missing) > 0 {
		return finding{
			bad, about, count(int64(len(missing)), "is missing", "are missing") + ": no enrollment can start",
			"`temporal operator search-attribute create --namespace " + namespace + " " + strings.Join(missing, " ") + "`",
		}
	}
	return finding{Level: ok, About: about, What: "all are registered"}
}

func searchAttributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		workflows.AttributeJourney, workflows.AttributeVersion, workflows.AttributeCustomer, workflows.AttributeStep,
		workflows.AttributeStar, workflows.AttributeOwner, workflows.AttributeOutcome, workflows.AttributeNextAt,
	}
}

// polled is how long ago, in real time, a worker that lives has asked last: a poll takes about a minute. Temporal remembers the dead for longer.
const polled = 90 * time.Second

// examineQueue says whether a worker asks for the tasks of a queue.
func examineQueue(ctx context.Context, c client.Client, queue string, kind enums.TaskQueueType, missing level) finding {
	about := "queue " + queue
	described, err := c.DescribeTaskQueue(ctx, queue, kind)
	if err != nil {
		return finding{bad, about, "it can't be described: " + cause(err), "may this client use the namespace?"}
	}
	var workers []string
	last := polled
	for _, poller := range described.GetPollers() {
		ago := max(0, time.Since(poller.GetLastAccessTime().AsTime()))
		if ago < polled && !slices.Contains(workers, poller.GetIdentity()) {
			workers = append(workers, poller.GetIdentity())
		}
		last = min(last, ago)
	}
	if len(workers) > 0 {
		what := fmt.Sprintf("%s, asked for work %v ago", count(int64(len(workers)), "worker", "workers"), last.Round(time.Second))
		return finding{Level: ok, About: about, What: what}
	}
	do := "start `worker`; its log says what is wrong"
	if missing == warn {
		do = "its touches wait until a worker runs that has a provider for it"
	}
	return finding{missing, about, "no worker", do}
}

// examineMailbox says whether the mailbox to which mails bounce can be read.
func examineMailbox(ctx context.Context, settings config.Config) finding {
	const about = "mailbox"
	box, err := mailbox(settings, slog.New(slog.DiscardHandler))
	if err != nil {
		return finding{bad, about, err.Error(), "mend IMAP_URL"}
	}
	if box == nil {
		return finding{Level: ok, About: about, What: "none is read: bounces, complaints and answers by e-mail come in only as they are handed in (`starter mail take`)"}
	}
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	if err := box.Check(ctx); err != nil {
		return finding{bad, about, err.Error(), "mend IMAP_URL, or see to the mail server: mails that bounce are not noticed"}
	}
	return finding{Level: ok, About: about, What: "it can be read; the gateway does"}
}

// examineGateway asks the gateway whether it is ready.
func examineGateway(ctx context.Context, settings config.Config) finding {
	const about = "gateway"
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	base := settings.Public()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", http.NoBody)
	if err != nil {
		return finding{bad, about, base + " is no address", "mend PUBLIC_URL"}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return finding{bad, about, "nothing answers at " + base + ": no event comes in", "start `starter gateway`, or mend GATEWAY_ADDRESS or PUBLIC_URL"}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return finding{bad, about, base + " does not answer to the end: " + cause(err), "see the gateway's log"}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(answer)), "\n")
	switch {
	case response.StatusCode == http.StatusOK && line == "ready":
		return finding{Level: ok, About: about, What: "ready at " + base}
	case response.StatusCode == http.StatusServiceUnavailable && strings.HasPrefix(line, "not ready"):
		return finding{bad, about, base + " is " + line, "see to the database and Temporal as above; the gateway's log says more"}
	}
	return finding{bad, about, fmt.Sprintf("what answers at %s with status %d is no gateway of Perennial", base, response.StatusCode), "mend GATEWAY_ADDRESS or PUBLIC_URL"}
}
