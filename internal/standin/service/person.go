package service

import "slices"

// Person is somebody who signs in at the pretend service, in an organisation.
type Person struct {
	UUID, Email, Name                  string
	OrganizationUUID, OrganizationName string

	setting string // the value of the setting account
}

const (
	patUUID   = "11111111-2222-4333-8444-555555555555"
	exampleID = "66666666-7777-4888-8999-aaaaaaaaaaaa"
	otherUUID = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"
	otherOrg  = "cccccccc-dddd-4eee-8fff-000000000000"
)

// persons are those who can sign in. Tokens whose owner is not known belong to the first.
var persons = []Person{
	{patUUID, "pat@example.com", "Pat Example", exampleID, "Example", "pat"},
	{otherUUID, "sam@other.example", "Sam Other", otherOrg, "Other", "other"},
	{patUUID, "pat@example.com", "Pat Example", otherOrg, "Other", "other-org"},
}

func accountValues() []string {
	var names []string
	for _, p := range persons {
		names = append(names, p.setting)
	}
	return names
}

func personNamed(name string) Person {
	return persons[max(0, slices.Index(accountValues(), name))]
}

// Owner returns whose token this is.
func (s *Service) Owner(text string) (Person, error) {
	var person Person
	err := s.update(func(st *state) error {
		var name string
		if t := st.find(text); t != nil {
			name = t.Owner
		}
		person = personNamed(name)
		return nil
	})
	return person, err
}
