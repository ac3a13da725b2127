//! The network settings as a profile keeps them: a line of `name value` each.

use engine::api::{Network, NetworkSettings};

/// The name of the value in the profile.
pub const KEPT: &str = "network";
/// More relays or nodes than this are no list of a person.
const MOST: usize = 32;

/// The settings as text.
pub fn write(settings: &NetworkSettings) -> Vec<u8> {
    let network = match settings.network {
        Network::Local => "local",
        Network::Lan => "lan",
        Network::Internet => "internet",
    };
    let mut lines = vec![format!("network {network}"), format!("hide {}", settings.hide_address)];
    lines.extend(settings.relays.iter().map(|relay| format!("relay {relay}")));
    lines.extend(settings.dht_bootstrap.iter().map(|node| format!("dht {node}")));
    lines.join("\n").into_bytes()
}

/// Back from text; nothing where it names no network.
pub fn read(kept: &[u8]) -> Option<NetworkSettings> {
    let text = str::from_utf8(kept).ok()?;
    let lines = || text.lines().filter_map(|line| line.split_once(' '));
    let network = match lines().find(|(name, _)| *name == "network")?.1 {
        "local" => Network::Local,
        "lan" => Network::Lan,
        "internet" => Network::Internet,
        _ => return None,
    };
    let all = |wanted: &str| -> Vec<String> {
        let values = lines().filter(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned());
        if network == Network::Internet { values.take(MOST).collect() } else { Vec::new() }
    };
    Some(NetworkSettings {
        relays: all("relay"),
        dht_bootstrap: all("dht"),
        hide_address: lines().any(|line| line == ("hide", "true")),
        ..NetworkSettings::of(network)
    })
}

/// The entries of a list that a person wrote, with spaces or commas between them.
pub fn list(written: &str) -> Vec<String> {
    let words = written.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    words.take(MOST).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let settings = NetworkSettings {
            relays: vec!["https://one.example/".into(), "https://two.example/".into()],
            dht_bootstrap: Vec::new(),
            hide_address: true,
            ..NetworkSettings::of(Network::Internet)
        };
        let back = read(&write(&settings)).expect("it was written so");
        assert!(back.network == Network::Internet && back.hide_address && back.dht_bootstrap.is_empty());
        assert_eq!(back.relays, settings.relays);
    }

    #[test]
    fn on_the_lan_alone_no_relay_comes_back() {
        let settings =
            NetworkSettings { relays: vec!["https://one.example/".into()], ..NetworkSettings::of(Network::Lan) };
        assert!(read(&write(&settings)).expect("it was written so").relays.is_empty());
        assert!(read(b"network everywhere").is_none());
        assert!(read(&[0xff]).is_none());
    }

    #[test]
    fn lists_are_read_whatever_stands_between() {
        assert_eq!(list(" https://a/, https://b/\n"), ["https://a/", "https://b/"]);
    }
}
