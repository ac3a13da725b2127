//! The desktop's portal: it asks somebody what to share, and says when that is over.

use std::future::{Future, poll_fn};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use ashpd::desktop::ResponseError;
use ashpd::desktop::screencast::{
    CursorMode, OpenPipeWireRemoteOptions, Screencast, SelectSourcesOptions, SourceType, StartCastOptions,
};
use ashpd::enumflags2::BitFlags;
use ashpd::zbus::connection::Builder;
use ashpd::{Error, PortalError};
use futures_core::Stream as _;

use crate::capture::screen::ScreenError;

/// For each answer of the portal itself, which the bus may have to start first. People have all the time they want.
const ANSWER: Duration = Duration::from_secs(25);
/// How often it is looked whether anybody still wants to know.
const LOOK: Duration = Duration::from_millis(100);

/// What the portal grants for as long as this lives. Its connection is its own, so that all ends with it: portals close
/// what belongs to whoever has left the bus.
pub(super) struct Session {
    conversation: Option<Conversation>,
}

/// Ends when the desktop ends what it granted.
type Conversation = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Where the pictures are.
pub(super) struct Source {
    /// A connection to PipeWire that may see this one stream.
    pub(super) remote: OwnedFd,
    pub(super) node: u32,
}

/// Asks somebody what to share, until they have chosen or `stopped`.
pub(super) fn ask(stopped: &dyn Fn() -> bool) -> Result<(Session, Source), ScreenError> {
    let (grant, granted) = sync_channel(1);
    let mut conversation: Conversation = Box::pin(converse(grant));
    let answer = poll_fn(|context| match conversation.as_mut().poll(context) {
        Poll::Ready(ended) => Poll::Ready(Err(ended.err().unwrap_or(Error::NoResponse))),
        Poll::Pending => granted.try_recv().map_or(Poll::Pending, |source| Poll::Ready(Ok(source))),
    });
    // The library asserts what it expects of a portal.
    let asked = catch_unwind(AssertUnwindSafe(|| wait(answer, stopped)));
    match asked {
        Ok(Some(Ok(source))) => Ok((Session { conversation: Some(conversation) }, source)),
        Ok(Some(Err(why))) => Err(refused(why)),
        Ok(None) => Err(ScreenError::Declined),
        Err(_) => Err(ScreenError::NoDesktop),
    }
}

async fn converse(grant: SyncSender<Source>) -> Result<(), Error> {
    let connection = Builder::session()?.method_timeout(ANSWER).build().await?;
    let portal = Screencast::with_connection(connection).await?;
    let known = SourceType::Monitor | SourceType::Window;
    // What it does not have may not be asked for.
    let sources = portal.available_source_types().await.map_or(known, |sources| sources & known);
    let pointer = portal.available_cursor_modes().await.unwrap_or(BitFlags::EMPTY) & CursorMode::Embedded;
    let options =
        SelectSourcesOptions::default().set_multiple(false).set_sources(sources).set_cursor_mode(pointer.iter().next());
    let session = portal.create_session(Default::default()).await?;
    let mut closed = pin!(session.receive_closed().await?);
    portal.select_sources(&session, options).await?.response()?;
    let chosen = portal.start(&session, None, StartCastOptions::default()).await?.response()?;
    let node = chosen.streams().first().ok_or(Error::NoResponse)?.pipe_wire_node_id();
    let remote = portal.open_pipe_wire_remote(&session, OpenPipeWireRemoteOptions::default()).await?;
    let _ = grant.try_send(Source { remote, node });
    poll_fn(|context| closed.as_mut().poll_next(context)).await;
    Ok(())
}

impl Session {
    /// Whether the desktop has ended it.
    pub(super) fn is_closed(&mut self) -> bool {
        if let Some(conversation) = &mut self.conversation
            && conversation.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
        {
            self.conversation = None;
        }
        self.conversation.is_none()
    }
}

fn refused(error: Error) -> ScreenError {
    match error {
        Error::Response(ResponseError::Cancelled) | Error::Portal(PortalError::Cancelled(_)) => ScreenError::Declined,
        _ => ScreenError::NoDesktop,
    }
}

/// What comes of `future`, or `None` once `stopped`.
fn wait<T>(future: impl Future<Output = T>, stopped: &dyn Fn() -> bool) -> Option<T> {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(done);
        }
        if stopped() {
            return None;
        }
        std::thread::park_timeout(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_question_is_given_up_when_nobody_wants_the_answer() {
        let looks = Cell::new(0);
        let stopped = || looks.replace(looks.get() + 1) == 2;
        assert_eq!(wait(std::future::pending::<()>(), &stopped), None);
        assert_eq!(wait(async { 7 }, &|| true), Some(7));
    }

    #[test]
    fn an_answer_from_another_thread_wakes() {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let answer = poll_fn(move |context| {
            if let Ok(answer) = told.try_recv() {
                return Poll::Ready(answer);
            }
            let (tell, waker) = (tell.clone(), context.waker().clone());
            std::thread::spawn(move || {
                let _ = tell.try_send(7);
                waker.wake();
            });
            Poll::Pending
        });
        assert_eq!(wait(answer, &|| false), Some(7));
    }

    #[test]
    fn declined_choice_is_told_apart_from_a_missing_portal() {
        assert_eq!(refused(Error::Response(ResponseError::Cancelled)), ScreenError::Declined);
        assert_eq!(refused(Error::Response(ResponseError::Other)), ScreenError::NoDesktop);
        assert_eq!(refused(Error::NoResponse), ScreenError::NoDesktop);
    }
}
