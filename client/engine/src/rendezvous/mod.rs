//! How two people who share a secret find each other without a server: each leaves a small sealed record of where they
//! are, in the Mainline DHT and on the LAN, under keys that only these two can derive and that change every day.
//!
//! The secret is that of a pair of members, or of an invitation. [`keys`] derives from it, one key per purpose;
//! [`record`] seals and opens; [`schedule`] says what to publish and to resolve when; [`dht`] and [`lan`] do it.
//!
//! # Midnight
//!
//! Days are those of UTC. Within two hours of midnight ([`keys::CLOCK_MARGIN`]) a publisher has its record under the
//! keys of both days (tomorrow's from some time in the first of the two hours before midnight), and a reader looks
//! under both, because their clocks may differ by so much. Further apart they may still meet, but a record from more
//! than two hours ahead is refused, as is one older than 26 hours.
//!
//! # Who learns what
//!
//! **A node of the DHT** that is asked to store or to find a record sees the IP address of who asks, when, and a place
//! in the DHT (a hash) with a public key and 896 bytes that look random. All records have one length. Neither the place
//! nor the key occurs anywhere else, or on any other day; without the secret nothing ties them to those of another day,
//! of the same pair's other side, of another contact of the same person, or to a person. It also sees that the record
//! is of this kind: by its length, and by being renewed about hourly.
//!
//! It does learn that somebody at this address published and somebody at that address asked for the same record: so
//! that **two IP addresses belong to people who want to find each other**, as long as it is among the about 20 nodes
//! nearest to that day's place, which nobody can choose ahead of the day without the secret. Who watches a large part
//! of the DHT, or one person's line, sees how many records that address publishes, and so about how many contacts
//! somebody there has: their times give them away as one source's. A VPN or the like hides the address from the DHT;
//! nothing here does.
//!
//! **Who holds the DHT's full content** (without the addresses of who asked) can tell how many records of our kind
//! there are on a day, and when each was renewed. What is inside and whose it is they cannot tell, nor is anything in
//! two records that ties them together: not those of a pair's two sides, not those of a pair's two days. Times may:
//! records that begin 2 s apart, pause and end together are probably one machine's, and where two days overlap around
//! midnight the same goes for the records of both. They cannot forge a record (BEP 44 signatures). They can keep one
//! back, or serve a former one of the same day; the reader takes the highest sequence number of all nodes' and then at
//! worst dials where the other was before, where only the other's endpoint key would be accepted.
//!
//! **A neighbour on the LAN** sees that a machine runs this program, about how many contacts it announces itself to,
//! and when it began; names and host name are random in each run, the port means nothing. A token is recognised by who
//! shares the secret, and by nobody else. Whoever copies an announcement into another LAN leads the contact to an
//! address, but not to an endpoint key, that somebody else answers for.
//!
//! **A contact** reads the record: endpoint, relays and addresses of the run, for as long as the secret is used. They
//! know the keys of *both* sides, so they can publish in the other's name: to themselves alone.
//!
//! **A former contact** keeps what it had, and can derive the keys of every day to come from the secret. So the secret
//! must no longer be used once a contact is revoked: [`schedule::Schedule::remove`] and [`lan::Lan::withdraw`] end
//! publication at once, and the last record dies out in the DHT within about two hours. Other contacts are untouched:
//! their secrets are others. The same holds for the secret of an invitation that was used up or revoked.
//!
//! Records are not forward secret: who learns a secret later can open those of the pair's records that they kept. What
//! they read is where somebody was.
//!
//! # What it costs
//!
//! Counted on loopback with a DHT of 100 nodes, both directions and all headers together (`cargo test traffic_of --
//! --ignored --nocapture`):
//!
//! | | packets | KB |
//! | --- | --- | --- |
//! | begin, every 13 minutes | 101 | 24 |
//! | publish for the first time | 172 | 66 |
//! | publish again | 120 | 47 |
//! | resolve, found | 114 | 53 |
//! | resolve, not there | 112 | 28 |
//!
//! The library asks each node twice (query and ping). In the DHT of millions a lookup takes a few steps more and some
//! nodes are dead: expect up to twice that. Hourly renewal, doubled for four hours a day, is 1.17 publications **per
//! contact and hour: about 140 packets and 55 KB**, besides 110 KB an hour for the node itself.
//! Looking for one who is away comes on top: while they are, a lookup every ten minutes, 170 to 320 KB an hour.
//! At most 50 publications and lookups a minute bound the whole.
//!
//! On the LAN an announcement is a packet of about 1.2 KB for each pair, sent twice, and again in answer to queries of
//! others: at first after 1, 2, 4 ... s, later hourly, and without what they know already.

pub mod clock;
pub mod keys;
pub mod record;
//
pub mod schedule;
pub mod whereabouts;
//
pub mod dht;
pub mod lan;

pub use keys::{Secret, Side};
pub use whereabouts::Whereabouts;
