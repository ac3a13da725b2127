# What the window says, in English.

start-title = Behind closed doors
start-promise = Talk, see and write to people you choose. No account, no number, nothing in between.
start-name = Your name
start-room-title = Room title
start-room = Start a room
start-paste = Paste an invitation
start-join = Join
start-demo = Just looking? Open the demo room

refused-not-an-invitation = That is not an invitation. One begins with incamera://join#
refused-damaged = The invitation is damaged. Copy all of it again.
refused-newer = The invitation was made by a newer version. Update this one to use it.
refused-unreachable = Nobody answers at the address in the invitation.
refused-outside-network = The invitation leads outside the allowed network.
refused-refused = The invitation is not, or no longer, valid.
refused-full = The room is full.
refused-own-invitation = This is your own invitation. Send it to the person you want to talk to.
refused-taken-up-before = You used this invitation before. You find the contact in your list.
refused-timed-out = The room did not answer in time.
refused-version = The program that made the invitation is of another version than this one. One of you has to update it.
refused-suite = This room needs post-quantum keys, which this program does not have.
refused-malformed = The room answered with something that cannot be read.
refused-name = Write a name first, so that the others know who you are.
refused-system = The system refused a thread, a socket or a timer.

lobby-back = Back
lobby-invited = A room you are invited to
lobby-nobody-sees = Nobody sees or hears you yet
lobby-enter = Join the room
lobby-entering = Knocking…

devices-title = Camera, microphone and speaker
devices-noise-out = Noise suppression is on
devices-noise-in = Noise suppression is off
devices-tone = Play test notes
devices-done = Done

picker-camera = Camera
picker-microphone = Microphone
picker-speaker = Speaker
picker-none = None
picker-no-camera = None
picker-clip = A clip
picker-test-picture = Test picture
picker-test-melody = Test melody

demo-title = Demo
room-untitled = Room

header-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}
seal-post-quantum = Sealed, post-quantum
seal-classic = Sealed, classical keys
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
tile-keys-forked = On another branch of the room…
tile-muted = muted
tile-camera-off = camera off
tile-camera-paused = Picture paused: too much to do here
tile-speaking = speaking
tile-sharing = shares their screen
tile-shares = { $name } shares their screen

bar-microphone = Turn the microphone on
noise-out = Noise is taken out of your voice
noise-in = Your voice is sent with all noise in it
bar-microphone-talk = Unmute, or hold Ctrl+Space to talk
bar-microphone-mute = Mute the microphone
bar-camera = Turn the camera on
bar-camera-off = Turn the camera off
bar-camera-lost = Turn the camera off, which has vanished and is looked for
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
chat-nothing = What is written here is sealed like everything else, and gone when the room is.
chat-placeholder = Message to everyone
chat-send = Send

invite-title = Invite to { $room }
invite-how = Show this code, or send the link over something you trust. Whoever has it can join.
invite-copy = Copy the link
invite-copied = Copied
invite-making = Making an invitation…
invite-done = Done

ended-removed = You were removed
ended-removed-why = Someone in the room removed you. From that moment on you could hear and see nothing, and nobody heard or saw you.
ended-failed = The room is over
ended-failed-why = The connection could not go on.
ended-back = Back to the start

notice-left = { $name } left
notice-removed = { $name } was removed
notice-lost = The connection to { $name } is lost
notice-renamed = { $from } is now called { $to }
notice-clipboard = The clipboard cannot be used
notice-no-guests = The demo's guests could not come

trouble-camera-unusable = The camera cannot be used
trouble-camera-lost = The camera has vanished; it comes back by itself
trouble-screen-unusable = The screen cannot be shared
trouble-screen-declined = Nothing was chosen, so nothing is shared
trouble-screen-gone = What you shared is gone
trouble-microphone-unusable = The microphone cannot be used
trouble-microphone-lost = The microphone has vanished; another one stands in for it if there is one
trouble-speaker-unusable = The speaker cannot be used
trouble-speaker-lost = The speaker has vanished; another one stands in for it if there is one
trouble-camera-clip = The clip cannot be read
trouble-microphone-clip = The sound clip cannot be read
trouble-overloaded = This computer has too much to do: pictures may be smaller, or pause, for a while
trouble-picture-rests = A participant's video cannot be shown safely and is paused for a while
trouble-decoder-not-started = Video from others can't be shown: its decoder didn't start. In Camera tries again; if it stays so, restart In Camera
trouble-stream-failed = The sound or the video of a participant failed and has ended for this call
trouble-recording = Recording has stopped: the disk refused a write
trouble-message-too-long = The message is too long
trouble-message-blank = The message has no text that can be seen, so it was not sent
trouble-no-such-member = Nobody of that name is in the room
trouble-busy = Too much at once: the last wish was dropped

figures-redraws = Redraws
figures-epoch = Epoch
figures-processor = Processor
figures-decoder-sandboxed = Video decoder: sandboxed
figures-decoder-partly = Video decoder: partly sandboxed
figures-decoder-not-sandboxed = Video decoder: not sandboxed here
figures-decoder-not-started = Video decoder: does not start
figures-who = Who
figures-path = Path
figures-by-way = picture by way of { $name }
figures-keys = Keys
figures-picture = Picture
figures-picture-late = Picture late
figures-sound-late = Sound late
figures-concealed = Concealed
figures-received = Received

start-profiles = Profiles
refused-needs-profile = This invitation leads to something that is kept. Open a profile to take it up.
refused-expired = The invitation has expired.

sheet-cancel = Cancel
sheet-save = Save
sheet-done = Done

profiles-looking = One moment…
profiles-which = Which profile?
profiles-which-why = Each profile has its own name, contacts and rooms. Nothing outside ties them together.
profiles-one = Profile { $number }
profiles-by-keyring = keyring
profiles-by-passphrase = passphrase
profiles-passphrase-title = Your passphrase
profiles-open = Open
profiles-new = New profile
profiles-new-title = A new profile
profiles-make = Begin
profiles-lock-keyring = This computer’s keyring
profiles-lock-passphrase = A passphrase
profiles-keyring-why = The key lies in the keyring of this computer: whoever can use your session can open the profile.
profiles-passphrase-why = Nobody can open the profile without it. Nobody can help if it is forgotten.
profiles-no-keyring = This computer has no keyring that answers, so a passphrase locks what is kept. Nobody can help if it is forgotten.
profiles-again = The passphrase again
profiles-not-alike = The two passphrases are not alike.
profiles-import = Bring a profile
profiles-import-title = Bring a profile
profiles-import-why = From a file that was made elsewhere. From then on use it here only: its keys must not live in two places.
profiles-import-from = Path of the file
profiles-import-now = Bring it here
profiles-busy = One moment…
profiles-nothing = Continue without keeping anything

profile-title = Your profile
profile-front = Come to the front when it rings
profile-locked-keyring = Locked by this computer’s keyring.
profile-locked-passphrase = Locked by a passphrase. It is asked for again before anything here is changed.
profile-passphrase = Passphrase
profile-switch = Other profiles
profile-export = Take it elsewhere
profile-export-why = One file with all of the profile, sealed with a passphrase of its own. Do not go on using it here beside the copy.
profile-export-to = Path of the file to make
profile-export-now = Make the file
profile-sealed-with = Passphrase of the file
profile-delete = Delete this profile
profile-delete-why = Its contacts, rooms, chats and keys are gone for good. Nobody is told.
profile-delete-surely = Yes, delete this profile
profile-delete-everything = Delete everything
profile-delete-everything-why = All profiles with all they hold are gone for good. Write “{ $word }” to go on.
profile-delete-word = everything
profile-delete-type = The word
profile-delete-wrong-word = The word is another one. Nothing was deleted.
profile-delete-everything-surely = Yes, delete everything

safe-kept = Saved
safe-exported = The file is made
safe-wrong-passphrase = The passphrase is wrong.
safe-unusable-passphrase = Write a passphrase, of 1024 bytes at most.
safe-no-keyring = The keyring of this computer does not answer.
safe-key-missing = The keyring does not hold the key of this profile.
safe-newer = This was written by a newer version. Update this one to use it.
safe-no-export = This file is no exported profile, or nothing can be written in its place.
safe-damaged = What is stored is damaged.
safe-in-use = Another window uses this profile.
safe-disk-full = The disk is full.
safe-no-profile = There is no such profile here.
safe-not-ours = Deleted. Something that is not of In Camera lies in the same folder and was left there.
safe-refused = The system refused to read or write what is kept.

home-first = Nobody is here yet. Give somebody an invitation of their own, and they become a contact. Every contact knows you by another key.
home-invite = Invite someone
home-entering = An invitation
home-waiting = Waiting to be let in…
home-invited = Invitation not taken up yet
home-nothing = Nothing written yet
home-undelivered = Waiting to be delivered
home-ringing = Is calling you
home-calling = Calling…
home-in-call = You are in the call
home-call = Call going on, { $count ->
    [one] { $count } person
   *[other] { $count } people
}
home-knocks = { $count ->
    [one] Somebody is at the door
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
header-home = Contacts and rooms, the call goes on
header-calling = Calling…

presence-here = here
presence-away = away
presence-reconnecting = reconnecting
presence-away-why = Away. What you write waits here until they are back.
presence-direct = Here, directly connected
presence-relayed = Here, through a relay that sees sealed bytes only
presence-forwarded = Here, through another member
link-reconnecting = Reconnecting…
link-offline = Reconnecting: you are offline
link-no-relay = Reconnecting: no relay answers

room-new = New room
room-kept = Keep the room
room-kept-why = A kept room stays with its keys and its chat, and people come and go.
room-ephemeral = Leave nothing behind
room-ephemeral-why = A room that leaves nothing behind lives while people are in it, and its call begins at once.

call-plain = Call
call-video = Call with video
call-missed = Missed call from { $name }
ring-plain = Is calling you
ring-video = Is calling you with video
ring-room = Is calling in { $room }
ring-accept = Accept
ring-accept-video = With video
ring-decline = Decline
knock-one = { $name } is at the door
knock-admit = Let in
knock-refuse = Refuse

chat-write = Write a message
chat-nothing-kept = Nothing written yet. What you write is sealed, kept on your machines only, and waits here while they are away.
chat-waiting = waiting
chat-delivered = delivered
chat-brings = Brings you into { $room }
chat-take-brought = Enter
chat-call-held = Call, { $minutes } min
chat-missing = { $count ->
    [one] 1 message is missing
   *[other] { $count } messages are missing
}
chat-call-missed = Missed call
chat-call-declined = Declined call
chat-renamed = is now called { $to }

invite-contact-title = Invite someone
invite-contact-how = They become a contact: a relationship of two with keys of its own. Whom is it for? Only you see the note.
invite-contact-show = Show this code, or send the link over something you trust. The first who uses it becomes this contact.
invite-for = An invitation for { $name }
invite-label = Whom it is for
invite-whom = Write whom it is for.
invite-make = Make an invitation
invite-none = There is no open invitation to this room.
invite-used-up = The invitation was used, has expired, or was revoked.
invite-another = The next invitation
invite-open = Open invitations
invite-revoke = Revoke
invite-once = Once
invite-many = For many
invite-hour = 1 hour
invite-day = 1 day
invite-week = 1 week
invite-forever = Until revoked
invite-waiting-room = Waiting room

accept-title = Take up an invitation
accept-how = Paste the link, name or drop a picture of the code, or hold the code into the camera.
accept-picture = From a picture
accept-file = Path of a PNG or JPEG file
accept-read = Read
accept-scan = Scan with the camera
accept-scan-stop = Stop the camera
accept-scanning = Hold the code into the camera
accept-take = Take it up
accept-unreadable = The file cannot be read.
accept-no-picture = The file is no PNG or JPEG picture, or a damaged one.
accept-too-large = The picture is too large.
accept-no-code = There is no readable code in the picture.

about-more = More
about-code = Verification
about-code-why = Compare words, digits or a picture with them, and know that nobody is between you.
about-code-none = There is something to compare once the invitation has been taken up.
about-verified = Verified
about-label = Name
about-label-hint = Your own name for them
about-rules = Calls
about-may-ring = May ring
about-may-video = May ring with video
about-room-rings = Calls in this room ring
about-quiet = Quiet hours: nothing rings between these times. Leave both empty for none.
about-quiet-from = From, like 22:00
about-quiet-until = Until, like 07:00
about-quiet-unreadable = Write both times like 22:00.
about-show-invitation = Show the invitation
about-bring = Bring into a room
about-bring-into = Into which room?
about-bring-none = There is no kept room yet.
about-forget = Forget
about-forget-why = Their key, your chat and your invitations to them are gone for good. They are told that it is over.
about-forget-surely = Yes, forget this contact
about-remove = Remove { $name }
about-nobody = Nobody else is a member yet.
about-invitations = { $count ->
    [one] { $count } invitation
   *[other] { $count } invitations
}
about-leave = Leave the room
about-leave-why = You are no member any more, and the room’s keys and chat are gone from this machine.
about-leave-surely = Yes, leave the room
about-compare = Compare
about-room-code = Words of the room
about-room-code-why = The same for everybody who is in the room now, and for nobody else. They change with its members.

verify-title = Compare with { $name }
verify-how = Read your words aloud, and let them check on their screen. Then they read theirs, and you check. In person, or in a call where you know the voice.
verify-you-read = You read
verify-they-read = They read
verify-digits = Or compare these digits
verify-show = Or compare a picture
verify-show-how = Let them read your code. Read theirs from a picture file, or with the camera.
verify-same = They are the same
verify-different = Not the same
verify-none = What to compare is being worked out…
verify-not = Not compared yet
verify-everybody = Everybody is verified
verify-broken-short = New keys: compare again
verify-as = Verified as { $name }
verify-renamed-short = Verified under another name
verify-renamed = You verified them under another name. The keys are the same, but the name is new: it may be somebody else’s.
verify-ambiguous-short = Somebody else has that name
verify-ambiguous = Another member of this room has or had a name that looks like this one. Compare before you trust them.
verify-broken = They go by the name of somebody whom you verified, but with other keys. Compare before you trust them: it may be somebody else.
verify-matches = It matches: verified.
verify-differs = They differ: somebody may be between you. Tell each other nothing here that nobody else may know.
verify-own = That is your own code. Read the one that they show.
verify-no-code = That is not a verification code.
verify-damaged = The code is damaged or incomplete. Read it again.
verify-newer = The code was made by a newer version. Update this one to use it.

network-title = Network
network-reach = Where packets may go
network-internet = Internet
network-lan = Local network only
network-local = This machine only
network-internet-why = People are found and reached anywhere.
network-lan-why = Only people on the networks of this machine are found and reached. Nothing leaves for the Internet.
network-local-why = Nothing leaves this machine.
network-relays = Relays
network-relays-hint = Addresses of relays, like https://relay.example.org
network-more = Finding and hiding
network-dht = Find people through the DHT
network-dht-hint = Nodes to enter the DHT by, like host:6881
network-hide = Hide my address
network-hide-why = Everything goes through relays, so nobody you talk to learns your address. It takes longer.
network-passphrase = Passphrase, to keep this for the next time
network-apply = Apply
network-not-kept = It holds until the window closes.
reach-unknown = Not known yet
reach-offline = You are offline: no network but this machine
reach-relay-off = No relay is used: people behind strict routers may be out of reach.
reach-relay-off-hidden = Your address is hidden, and no relay is named: nobody can be reached.
reach-relay-trying = Looking for a relay…
reach-relay-works = A relay answers: people behind strict routers can be reached.
reach-relay-unreachable = No relay answers: people behind strict routers can’t be reached.
reach-dht-off = The DHT is off: people are found on this network, at their last address, or by a fresh invitation.
reach-dht-trying = Entering the DHT…
reach-dht-works = The DHT answers: contacts are found wherever they are.
reach-dht-unreachable = The DHT does not answer: contacts who moved are not found until it does.
reach-lan-on = People on this local network are found at once.
reach-lan-off = The local network is not looked at.

notice-room-removed-you = A room or contact has ended: you are no member any more
notice-room-failed = A room could not go on
trouble-store-refused = The disk refused a write: what was to be kept is tried again
trouble-no-store = Nothing is kept here: open a profile for contacts and kept rooms
trouble-call-full = The call is full: 16 people are in it
trouble-read-only = Nothing more can be said in this room
trouble-room-is-crowded = More is said in this room than can be kept at once: some messages will arrive later
read-only-said = They say you were removed
read-only-removed = You were removed; you can still read this
read-only-contact = Your contact has ended this; you can still read it
trouble-left-alone = You are the only one left in the call: your camera, microphone and screen were turned off
trouble-call-left-alone = The call has ended: nobody else had been in it for at least ten minutes
trouble-clock-in-doubt = This computer’s clock may be wrong: it says { $time }. Contacts are not found until it is right: set it in the settings of the system.
trouble-other-version = Somebody’s program is of another version than this one: one of you has to update it
trouble-in-another-call = You are in another call: hang up first

share-title = Share the screen
share-how = Everybody in the call sees it, with the pointer. Of a window they see nothing but that window.
share-looking = Asking the desktop…
share-nothing = This desktop does not let its screen be read.
share-whole = The whole screen
share-portal = What the desktop lets you choose…
notice-sharing = You share your screen with everybody in the call

confirm-remove = Remove { $name }?
confirm-remove-why = From that moment on they hear, see and read nothing here. Open invitations into the room end too. This can’t be taken back.
confirm-forget = Forget { $name }?
confirm-leave = Leave { $name }?
confirm-delete-profile = Delete this profile?
confirm-quit = Quit during the call?
confirm-quit-why = You leave the call, and the others go on without you.
confirm-quit-surely = Quit
confirm-ends-call = This ends your call
confirm-ends-call-why = The profile or its connections are opened anew for this. You leave the call, and the others go on without you.
confirm-ends-call-surely = End the call and go on

invite-copied-why = A copied link is taken off the clipboard again after a minute, and when the window closes.
home-choose = Choose a contact or room on the left
notice-no-camera = No camera is chosen: plug one in, or choose one under “Camera, microphone, speaker”
notice-no-microphone = No microphone is chosen: plug one in, or choose one under “Camera, microphone, speaker”
safe-stopped = Stopped. Nothing was changed.
quit-waits = Something is still being saved; the window closes after it. Quit again to close it now.
chat-call-unanswered = No answer
call-declined = { $name } declined your call
call-unanswered = Your call to { $name } was not answered
