//! Values that several commands share.

use std::str::FromStr;

use clap::ValueEnum;
use iroh::RelayUrl;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// Quiet hours in minutes of the local day, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet(pub Option<(u16, u16)>);

impl FromStr for Quiet {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "quiet hours are HH:MM-HH:MM, like 22:00-07:30, or off";
        if text == "off" {
            return Ok(Self(None));
        }
        let (from, until) = text.split_once('-').ok_or(WRONG)?;
        match (minute_of_day(from), minute_of_day(until)) {
            (Some(from), Some(until)) if from != until => Ok(Self(Some((from, until)))),
            _ => Err(WRONG),
        }
    }
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |text: &str| -> Option<u16> {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// As [`Quiet`] reads it.
pub fn quiet_text(quiet: Option<(u16, u16)>) -> Option<String> {
    let (from, until) = quiet?;
    Some(format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60))
}

pub fn relay_url(text: &str) -> Result<String, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.filter(|host| !host.is_empty() && !host.contains(char::is_whitespace))
        // What the engine would refuse later, in other words.
        .filter(|_| text.parse::<RelayUrl>().is_ok())
        .map(|_| text.to_owned())
        .ok_or("a relay is https://HOST, or http://HOST for tests")
}

pub fn bootstrap_node(text: &str) -> Result<String, &'static str> {
    let node = text.rsplit_once(':').filter(|(host, port)| {
        !host.is_empty() && !host.contains(char::is_whitespace) && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    node.map(|_| text.to_owned()).ok_or("a node of the DHT is HOST:PORT")
}
