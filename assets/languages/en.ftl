# What the window says, in English.

start-title = Behind closed doors
start-promise = Call and write to the people you choose. No account, no phone number, and nobody who listens in.
start-name = Your name
start-room-title = Room title
start-room = Start a room
start-paste = Paste an invitation
start-join = Join
start-demo = Just looking? Open the demo room

refused-not-an-invitation = This is not an invitation. Invitations begin with incamera://join#
refused-damaged = The invitation is damaged. Copy all of it again.
refused-newer = This invitation was made by a newer version. Update In Camera to use it.
refused-unreachable = Nobody answers at the address in the invitation.
refused-outside-network = This invitation leads outside the network that you allow.
refused-refused = This invitation is not valid, or no longer valid.
refused-full = The room is full.
refused-own-invitation = This is your own invitation. Send it to the person you want to talk to.
refused-taken-up-before = You are there already. The contact or room of this invitation is in your list.
refused-timed-out = The room did not answer in time.
refused-version = This invitation comes from a different version of In Camera. One of you has to update.
refused-suite = This room uses post-quantum keys, which this version of In Camera does not have.
refused-malformed = The room sent an answer that cannot be read.
refused-name = Enter a name first, so that the others know who you are.
refused-system = This computer could not open a connection. Close other programs and try again.

lobby-back = Back
lobby-invited = A room you were invited to
lobby-nobody-sees = Nobody can see or hear you yet
lobby-enter = Join the room
lobby-entering = Knocking…

devices-title = Camera, microphone and speaker
devices-noise-out = Noise suppression is on
devices-noise-in = Noise suppression is off
devices-tone = Play a test sound
devices-done = Done

picker-camera = Camera
picker-microphone = Microphone
picker-speaker = Speaker
picker-none = None
picker-no-camera = None
picker-clip = Clip
picker-test-picture = Test picture
picker-test-melody = Test melody

demo-title = Demo
room-untitled = Room

header-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
seal-post-quantum = Encrypted, post-quantum
seal-classic = Encrypted, classical keys
seal-waiting = { $count ->
    [one] Waiting for one person's keys
   *[other] Waiting for the keys of { $count } people
}
seal-alone = Nobody else is here yet
layout-grid = Grid
layout-speaker = Speaker

tile-you = You
tile-connecting = Connecting…
tile-keys-behind = Renewing keys…
tile-keys-missing = Waiting for keys…
tile-keys-forked = Rejoining the room…
tile-muted = muted
tile-camera-off = camera off
tile-camera-paused = Paused: this computer is busy
tile-speaking = speaking
tile-sharing = is sharing their screen
tile-shares = { $name } is sharing their screen

bar-microphone = Turn the microphone on
noise-out = Background noise is removed from your voice
noise-in = Background noise is sent with your voice
bar-microphone-talk = Unmute, or hold Ctrl+Space to talk
bar-microphone-mute = Mute the microphone
bar-camera = Turn the camera on
bar-camera-off = Turn the camera off
bar-camera-lost = Turn the camera off. It was disconnected and starts again when it is back
bar-share = Share the screen
bar-share-stop = Stop sharing the screen
bar-chat = Open the chat
bar-chat-close = Close the chat
bar-devices = Camera, microphone, speaker
bar-invite = Invite
bar-layout = Grid or speaker
bar-leave = Leave
switch-theme = Dark or light

chat-title = Chat
chat-nothing = Messages here are encrypted like everything else, and disappear with the room.
field-full = Only the first { $count } letters fit
chat-placeholder = Message everyone
chat-send = Send

invite-title = Invite to { $room }
invite-how = Show this code, or send the link over a channel you trust. Anyone who has it can join.
invite-copy = Copy the link
invite-copied = Copied
invite-making = Creating an invitation…
invite-done = Done

ended-removed = You were removed
ended-removed-why = Someone in the room removed you. Since then you could not see or hear anyone, and nobody could see or hear you.
ended-failed = The room has ended
ended-failed-why = The connection could not continue.
ended-back = Back to the start

notice-left = { $name } left
notice-removed = { $name } was removed
notice-lost = The connection to { $name } was lost
notice-renamed = { $from } is now called { $to }
notice-clipboard = The clipboard is not available
notice-no-guests = The demo’s guests could not join

trouble-camera-unusable = The camera cannot be used
trouble-camera-lost = The camera was disconnected. It starts again when it is back
trouble-screen-unusable = The screen cannot be shared
trouble-screen-declined = Nothing was chosen, so nothing is shared
trouble-screen-gone = The window or screen you shared has closed
trouble-microphone-unusable = The microphone cannot be used
trouble-microphone-lost = The microphone was disconnected. Another one is used if there is one
trouble-speaker-unusable = The speaker cannot be used
trouble-speaker-lost = The speaker was disconnected. Another one is used if there is one
trouble-camera-clip = The video clip cannot be read
trouble-microphone-clip = The sound clip cannot be read
trouble-overloaded = This computer is busy: pictures may be smaller or pause for a while
trouble-picture-rests = A participant’s video cannot be shown safely and is paused for a while
trouble-decoder-not-started = Video from others cannot be shown because its decoder did not start. In Camera keeps trying; if it does not help, restart In Camera
trouble-stream-failed = A participant’s sound or video failed and has ended for this call
trouble-recording = The recording has stopped: the disk could not be written to
trouble-message-too-long = The message is too long
trouble-message-blank = The message has no visible text, so it was not sent
trouble-no-such-message = That message is not here any more
trouble-not-your-message = Only the author can change a message
trouble-no-reaction = A reaction is one emoji
trouble-no-such-member = Nobody in the room has that name
trouble-lagged = Some of what happened could not be shown. Close the profile and open it again to see all that was kept.
trouble-busy = Too much at once: your last action was ignored

figures-redraws = Redraws
figures-epoch = Epoch
figures-processor = Processor
figures-decoder-sandboxed = Video decoder: sandboxed
figures-decoder-partly = Video decoder: partly sandboxed
figures-decoder-not-sandboxed = Video decoder: not sandboxed here
figures-decoder-not-started = Video decoder: does not start
figures-who = Person
figures-path = Path
figures-path-direct = direct
figures-path-link = over the link
figures-path-forwarded = through a member
figures-by-way = picture through { $name }
figures-keys = Keys
figures-keys-current = current
figures-keys-behind = behind
figures-keys-missing = missing
figures-keys-forked = forked
figures-picture = Picture
figures-picture-late = Picture delay
figures-sound-late = Sound delay
figures-concealed = Concealed
figures-received = Received

start-profiles = Profiles
refused-needs-profile = This invitation leads to a contact or a kept room. Open a profile to accept it.
refused-expired = The invitation has expired.

sheet-cancel = Cancel
sheet-save = Save
sheet-done = Done

profiles-looking = One moment…
profiles-which = Which profile?
profiles-which-why = Each profile has its own name, contacts and rooms. Nobody else can tell that they belong together.
profiles-one = Profile { $number }
profiles-by-keyring = keyring
profiles-by-passphrase = passphrase
profiles-passphrase-title = Your passphrase
profiles-open = Open
profiles-new = New profile
profiles-new-title = A new profile
profiles-make = Create
profiles-lock-keyring = This computer’s keyring
profiles-lock-passphrase = A passphrase
profiles-keyring-why = The key is in the keyring of this computer: anyone who can use your session can open the profile.
profiles-passphrase-why = Nobody can open the profile without it, and nobody can help you if you forget it.
profiles-no-keyring = No keyring answers on this computer, so a passphrase locks the profile. Nobody can help you if you forget it.
profiles-again = Repeat the passphrase
profiles-not-alike = The two passphrases are not the same.
profiles-import = Import a profile
profiles-import-title = Import a profile
profiles-import-why = From a file that was exported elsewhere. From then on use it only here: its keys must not be used in two places.
profiles-import-from = Path of the file
profiles-import-now = Import
profiles-busy = One moment…
profiles-nothing = Continue without keeping anything

profile-title = Your profile
profile-front = Bring the window to the front for calls
profile-locked-keyring = Locked by this computer’s keyring.
profile-locked-passphrase = Locked by a passphrase. You are asked for it again before anything here changes.
profile-passphrase = Passphrase
profile-switch = Other profiles
profile-export = Export this profile
profile-export-why = One file with the whole profile, encrypted with its own passphrase. Do not go on using the profile here as well as the copy.
profile-export-to = Path of the new file
profile-export-now = Export
profile-sealed-with = Passphrase of the file
profile-delete = Delete this profile
profile-delete-why = Its contacts, rooms, chats and keys are deleted for good. Nobody is told.
profile-delete-surely = Yes, delete this profile
profile-delete-everything = Delete everything
profile-delete-everything-why = All profiles and everything in them are deleted for good. Type “{ $word }” to continue.
profile-delete-word = everything
profile-delete-type = Type the word
profile-delete-wrong-word = That is another word. Nothing was deleted.
profile-delete-everything-surely = Yes, delete everything

safe-kept = Saved
safe-exported = The profile was exported
safe-wrong-passphrase = The passphrase is wrong.
safe-unusable-passphrase = Enter a passphrase of at most 1024 bytes.
safe-no-keyring = The keyring of this computer does not answer.
safe-key-missing = The keyring does not hold the key of this profile.
safe-newer = This was written by a newer version. Update In Camera to use it.
safe-no-export = This file is not an exported profile, or it cannot be replaced.
safe-damaged = The stored data is damaged.
safe-in-use = Another window uses this profile.
safe-disk-full = The disk is full.
safe-no-profile = This profile no longer exists.
safe-not-ours = Deleted. Something else is in the same folder and was left there.
safe-refused = The system refused to read or write the profile.

home-first = Nobody is here yet. Invite someone, and they become a contact. Each contact knows you by a different key.
home-invite = Invite someone
home-entering = An invitation
home-waiting = Waiting to be let in…
home-invited = Invitation not accepted yet
home-nothing = No messages yet
home-undelivered = Waiting to be delivered
home-ringing = Is calling you
home-calling = Calling…
home-in-call = You are in the call
home-call = Call in progress, { $count ->
    [one] { $count } person
   *[other] { $count } people
}
home-knocks = { $count ->
    [one] Someone is at the door
   *[other] { $count } people are at the door
}
home-unread = { $count ->
    [one] { $count } unread message
   *[other] { $count } unread messages
}
home-present = { $count ->
    [0] nobody else is here
   *[other] { $count } here
}
home-call-goes-on = You are in a call: { $room }
home-return = Return
home-hang-up = Hang up
header-home = Contacts and rooms; the call continues
header-calling = Calling…

presence-here = here
presence-away = away
presence-reconnecting = reconnecting
presence-away-why = Away. Your messages wait here until they are back.
presence-direct = Here, directly connected
presence-relayed = Here, through a relay that sees only encrypted data
presence-forwarded = Here, through another member
link-reconnecting = Reconnecting…
link-offline = Reconnecting: you are offline
link-no-relay = Reconnecting: no relay answers

room-new = New room
room-kept = Keep the room
room-kept-why = A kept room stays, with its keys and its chat, while people come and go.
room-ephemeral = Leave nothing behind
room-ephemeral-why = A room that leaves nothing behind lasts while people are in it, and its call starts at once.

call-plain = Call
call-video = Call with video
call-missed = Missed call from { $name }
ring-plain = Is calling you
ring-video = Is calling you with video
ring-room = Is calling in { $room }
ring-accept = Answer
ring-accept-video = With video
ring-decline = Decline
ring-ends = Answering ends your call with { $name }.
ring-ends-for-good = You are in { $name }. Answering takes you out of it for good: its chat is gone, and so is your way back in.
ring-end-and-answer = End and answer
ring-end-and-answer-video = End, use video
ring-leave-and-answer = Leave and answer
ring-leave-and-answer-video = Leave, use video
knock-one = { $name } is at the door
knock-admit = Let in
knock-refuse = Refuse

chat-write = Write a message
chat-nothing-kept = No messages yet. Messages are encrypted, stored only on your own computers, and wait here while the other person is away.
chat-waiting = waiting
chat-delivered = delivered
chat-brings = Invites you to { $room }
chat-take-brought = Join
chat-call-held = Call, { $minutes } min
chat-missing = { $count ->
    [one] 1 message is missing
   *[other] { $count } messages are missing
}
chat-needs-newer = This message needs a newer version. Update In Camera to read it.
chat-choose = More
chat-choose-nothing = Cancel
chat-replying = Reply to { $name }
chat-editing = Edit your message
chat-edit = Edit
chat-delete = Delete for everyone
chat-edited = edited
chat-deleted = Message deleted
chat-reply-to-older = Reply to an earlier message
chat-call-missed = Missed call
chat-call-declined = Declined call
chat-renamed = is now called { $to }

invite-contact-title = Invite someone
invite-contact-how = They become a contact, with keys that only the two of you have. Who is it for? Only you see this note.
invite-contact-show = Show this code, or send the link over a channel you trust. The first person who uses it becomes this contact.
invite-for = An invitation for { $name }
invite-label = Who it is for
invite-whom = Enter who it is for.
invite-make = Create an invitation
invite-none = There is no open invitation to this room.
invite-used-up = The invitation was used, has expired, or was revoked.
invite-another = Next invitation
invite-open = Open invitations
invite-revoke = Revoke
invite-once = Once
invite-many = For many
invite-hour = 1 hour
invite-day = 1 day
invite-week = 1 week
invite-forever = Until revoked
invite-waiting-room = Waiting room

accept-title = Accept an invitation
accept-how = Paste the link, name or drop a picture of the code, or hold the code up to the camera.
accept-picture = From a picture
accept-file = Path of a PNG or JPEG file
accept-read = Read
accept-scan = Scan with the camera
accept-scan-stop = Stop the camera
accept-scanning = Hold the code up to the camera
accept-take = Accept
accept-unreadable = The file cannot be read.
accept-no-picture = The file is not a PNG or JPEG picture, or it is damaged.
accept-too-large = The picture is too large.
accept-no-code = There is no readable code in the picture.

about-more = More
about-code = Verification
about-code-why = Compare words, digits or a picture with them, to be sure that nobody is between you.
about-code-none = There is something to compare once the invitation has been accepted.
about-verified = Verified
about-label = Name
about-label-hint = Your own name for this contact
about-rules = Calls
about-may-ring = May ring
about-may-video = May ring with video
about-room-rings = Calls in this room ring
about-quiet = Quiet hours: no call rings between these times. Leave both empty for none.
about-quiet-from = From, for example 22:00
about-quiet-until = Until, for example 07:00
about-quiet-unreadable = Enter both times like 22:00.
about-show-invitation = Show the invitation
about-bring = Invite to a room
about-bring-into = To which room?
about-bring-none = You have no kept room yet.
about-forget = Forget
about-forget-why = Their key, your chat and your invitations to them are deleted for good. They are told that it is over.
about-forget-surely = Yes, forget this contact
about-remove = Remove { $name }
about-nobody = Nobody else is a member yet.
about-invitations = { $count ->
    [one] { $count } invitation
   *[other] { $count } invitations
}
about-leave = Leave the room
about-leave-why = You are no longer a member, and the room’s keys and chat are deleted from this computer.
about-leave-surely = Yes, leave the room
about-compare = Compare
about-room-code = Words of the room
about-room-code-why = The same for everyone who is in the room now, and for nobody else. They change when its members change.

verify-title = Compare with { $name }
verify-how = Read your words aloud while they check them on their screen. Then they read theirs, and you check. Do it in person, or in a call in which you know the voice.
verify-you-read = You read
verify-they-read = They read
verify-digits = Or compare these digits
verify-show = Or compare a picture
verify-show-how = Let them scan your code. Scan theirs with the camera, or from a picture file.
verify-same = They are the same
verify-different = They are different
verify-none = Preparing the comparison…
verify-not = Not compared yet
verify-everybody = Everyone is verified
verify-broken-short = New keys: compare again
verify-as = Verified as { $name }
verify-renamed-short = Verified under another name
verify-renamed = You verified them under another name. The keys are the same, but the name is new: it may be someone else’s.
verify-ambiguous-short = Someone else has that name
verify-ambiguous = Another member of this room has or had a name that looks like this one. Compare before you trust them.
verify-broken = They use the name of someone you verified, but with other keys. Compare before you trust them: it may be someone else.
verify-matches = It matches: verified.
verify-differs = They differ: someone may be between you. Do not say anything here that nobody else may know.
verify-own = That is your own code. Scan the one that they show.
verify-no-code = That is not a verification code.
verify-damaged = The code is damaged or incomplete. Read it again.
verify-newer = The code was made by a newer version. Update In Camera to use it.

network-title = Network
network-reach = Where In Camera may connect
network-internet = Internet
network-lan = Local network only
network-local = This computer only
network-internet-why = You can find and reach people anywhere.
network-lan-why = You can find and reach only people on this computer’s own networks. Nothing goes to the Internet.
network-local-why = Nothing leaves this computer.
network-relays = Relays
network-relays-hint = Relay addresses, like https://relay.example.org
network-more = Finding people, and hiding
network-dht = Find people through the DHT
network-dht-hint = Nodes to enter the DHT, like host:6881
network-hide = Hide my address
network-hide-why = Everything goes through relays, so the people you talk to do not learn your address. It is slower.
network-passphrase = Passphrase, to keep this for next time
network-apply = Apply
network-not-kept = This applies until the window closes.
reach-unknown = Not known yet
reach-offline = You are offline: this computer has no network
reach-relay-off = No relay is used: people behind strict routers may be out of reach.
reach-relay-off-hidden = Your address is hidden and no relay is set: nobody can be reached.
reach-relay-trying = Looking for a relay…
reach-relay-works = A relay answers: people behind strict routers can be reached.
reach-relay-unreachable = No relay answers: people behind strict routers cannot be reached.
reach-dht-off = The DHT is off: people are found on this network, at their last address, or by a new invitation.
reach-dht-trying = Connecting to the DHT…
reach-dht-works = The DHT answers: contacts are found wherever they are.
reach-dht-unreachable = The DHT does not answer: contacts who moved cannot be found until it does.
reach-lan-on = People on this local network are found at once.
reach-lan-off = People on the local network are not looked for.

notice-room-removed-you = A room or contact has ended: you are no longer a member
notice-room-failed = A room could not continue
trouble-store-refused = The disk could not be written to. In Camera tries again
trouble-no-store = Nothing is kept here: open a profile to have contacts and kept rooms
trouble-call-full = The call is full: 16 people are in it
trouble-read-only = You can no longer write in this room
trouble-older-copy = This is an older copy of your profile: messages since then are missing here. Use one copy only
trouble-room-is-crowded = There is more in this room than can be kept at once: some messages will arrive later
read-only-said = Others say that you were removed
read-only-removed = You were removed; you can still read this
read-only-contact = Your contact has ended this; you can still read it
trouble-left-alone = You are alone in the call, so your camera, microphone and screen were turned off
trouble-call-left-alone = The call has ended: nobody else was in it for at least ten minutes
trouble-clock-in-doubt = This computer’s clock may be wrong: it says { $time }. Contacts cannot be found until it is right: set it in the system settings.
trouble-other-version = Someone uses a different version of In Camera: one of you has to update
trouble-in-another-call = You are in another call: hang up first

share-title = Share the screen
share-how = Everyone in the call sees it, with the pointer. Of a window they see only that window.
share-looking = Asking the desktop…
share-nothing = This desktop does not allow its screen to be shared.
share-whole = The whole screen
share-portal = Choose in the desktop’s dialog…
notice-sharing = You are sharing your screen with everyone in the call

confirm-remove = Remove { $name }?
confirm-remove-why = From then on they can hear, see and read nothing here. Open invitations to the room end as well. This cannot be undone.
confirm-forget = Forget { $name }?
confirm-leave = Leave { $name }?
confirm-leave-to-answer-why = Nothing of this room is kept: its chat is gone, and so is your way back in. The others continue without you.
confirm-delete-profile = Delete this profile?
confirm-quit = Quit during the call?
confirm-quit-why = You leave the call, and the others continue without you.
confirm-quit-surely = Quit
confirm-ends-call = This ends your call
confirm-ends-call-why = The profile or its connections are reopened for this. You leave the call, and the others continue without you.
confirm-ends-call-surely = End the call and continue

invite-copied-why = A copied link is removed from the clipboard after a minute, and when the window closes.
home-choose = Choose a contact or room on the left
notice-no-camera = No camera is selected: connect one, or choose one under “Camera, microphone, speaker”
notice-no-microphone = No microphone is selected: connect one, or choose one under “Camera, microphone, speaker”
safe-stopped = Stopped. Nothing was changed.
quit-waits = Something is still being saved; the window closes when it is done. Quit again to close it now.
chat-call-unanswered = No answer
call-declined = { $name } declined your call
call-unanswered = Your call to { $name } was not answered
