"""Rules for cfn-lint that know what fails only at deploy time, or only after a region is lost."""
