package importcsv

import (
	"errors"

	"github.com/nyaruka/phonenumbers"
)

// phone reads a number as people write it, and returns it as E.164. A number without + is read as one dials it in region.
func phone(written, region string) (string, error) {
	number, err := phonenumbers.Parse(written, region)
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) {
		return "", errors.New("the number has no country code; write it with +, or say in which region it is at home")
	}
	if err != nil {
		return "", errors.New("this is no phone number")
	}
	if number.GetExtension() != "" {
		return "", errors.New("a number with an extension can't receive messages")
	}
	if !phonenumbers.IsValidNumber(number) {
		return "", errors.New("no such phone number can exist")
	}
	return phonenumbers.Format(number, phonenumbers.E164), nil
}
