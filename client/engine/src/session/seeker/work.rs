//! What is due: records are published, and those of others resolved, each in a task that answers.

use std::time::Instant;

use super::{Answer, Seeker, moment};
use crate::rendezvous::{
    dht::DhtError,
    record::{RecordError, seal},
    schedule::Action,
};

impl Seeker {
    /// Does what is due.
    pub fn work(&mut self, now: Instant) {
        let moment = moment(now);
        while let Some(action) = self.schedule.poll(moment) {
            let Some(dht) = self.dht.clone() else {
                continue;
            };
            let answer = self.answer.clone();
            match action {
                Action::Publish { pair, day, keys } => {
                    let Some((_, known)) = self.pairs.get(&pair) else {
                        continue;
                    };
                    let at = known.at.clone();
                    tokio::spawn(async move {
                        let published = match seal(&keys, &at, moment.unix) {
                            Ok(sealed) => dht.publish(&keys, sealed, moment.unix).await.map(drop).map_err(|_| ()),
                            Err(_) => Err(()),
                        };
                        if published.is_err() {
                            let _ = answer.send(Answer::Failed { pair, day }).await;
                        }
                    });
                }
                Action::Resolve { pair, keys } => {
                    tokio::spawn(async move {
                        let answered = match dht.resolve(&keys, moment.unix).await {
                            Ok(Some((at, _))) => Answer::Found { pair, at },
                            // Only they can have signed it. One that is too old proves nothing: a node may serve it again.
                            Err(DhtError::Record(RecordError::FromTheFuture)) => Answer::Ahead,
                            Ok(None) | Err(_) => return,
                        };
                        let _ = answer.send(answered).await;
                    });
                }
            }
        }
    }
}
