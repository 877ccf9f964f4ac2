"""What a user puts in the place of the sample: copied over `model/`, never imported from here."""
