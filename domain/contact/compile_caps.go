package contact

import (
	"strconv"
	"strings"
	"time"

	"perennial/domain/document"
)

// maxCounted is how far back touches are counted: profiles hold no older ones.
const maxCounted = 31 * 24 * time.Hour

const mendQuota = "write how many and in what time, such as 2 per 7d"

// caps compiles how many touches a customer gets at most: in all, by channel, by topic.
func (c *compiler) caps(v *document.Value) {
	v.CheckKeys([]string{"all", "channels", "topics"}, c.problems)
	if f := v.Get("all"); f != nil {
		c.cap(Cap{}, *f)
	}
	if m := v.Mapping("channels", c.problems); m != nil {
		for _, f := range m.Fields {
			if channel, ok := c.channel(f.Key, f.Place); ok {
				c.cap(Cap{Channel: channel}, f)
			}
		}
	}
	if m := v.Mapping("topics", c.problems); m != nil {
		for _, f := range m.Fields {
			if c.knownTopic(f.Key, f.Place) {
				c.cap(Cap{Topic: f.Key}, f)
			}
		}
	}
}

// cap compiles one cap: "2 per 7d", or { most: 2 per 7d, stars: { 5: 4 per 7d } }.
func (c *compiler) cap(limit Cap, f document.Field) {
	switch f.Value.Kind {
	case document.Mapping:
		f.Value.CheckKeys([]string{"most", "stars"}, c.problems)
		if v := required(f.Value, "most", mendQuota, document.Scalar, c.problems); v != nil {
			limit.Quota = c.quota(v)
		}
		if stars := f.Value.Mapping("stars", c.problems); stars != nil {
			for _, star := range stars.Fields {
				c.star(&limit, star)
			}
		}
	case document.Scalar:
		limit.Quota = c.quota(f.Value)
	default:
		c.problems.Add(f.Value.Place, "a cap can't be "+f.Value.Kind.String(), mendQuota)
	}
	c.policy.Caps = append(c.policy.Caps, limit)
}

func (c *compiler) star(limit *Cap, f document.Field) {
	star, err := strconv.Atoi(f.Key)
	if err != nil || star < 1 || star > 5 {
		c.problems.Add(f.Place, f.Key+" is no star", "write a number from 1 to 5")
		return
	}
	if f.Value.Is(document.Scalar, f.Key, c.problems) {
		limit.Stars = append(limit.Stars, StarQuota{Star: star, Quota: c.quota(f.Value)})
	}
}

// quota reads "2 per 7d".
func (c *compiler) quota(v *document.Value) Quota {
	number, per, found := strings.Cut(v.Text, " per ")
	most, err := strconv.Atoi(strings.TrimSpace(number))
	if !found || err != nil {
		c.problems.Add(v.Place, v.Text+" is no cap", mendQuota)
		return Quota{}
	}
	if most < 1 || most > 1000 {
		c.problems.Add(v.Place, "a cap can't be "+number, "write a number from 1 to 1000; who should get nothing has not agreed to the topic")
		return Quota{}
	}
	period, err := ParsePeriod(strings.TrimSpace(per))
	if err != nil {
		c.problems.Add(v.Place, err.Error(), mendPeriod)
	}
	if period.rough() > maxCounted {
		c.problems.Add(v.Place, "a cap can't count further back than 31d", "write a shorter time")
	}
	return Quota{Most: most, Per: period, Place: placeOf(v.Place)}
}
