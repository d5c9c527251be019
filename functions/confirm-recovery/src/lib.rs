//! Confirms from inside and from outside that Mattermost works.
