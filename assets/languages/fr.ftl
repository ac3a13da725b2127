# Ce que dit la fenêtre, en français.

start-title = À huis clos
start-promise = Parlez, voyez et écrivez à qui vous voulez. Ni compte, ni numéro, ni rien entre vous.
start-name = Votre nom
start-room-title = Titre du salon
start-room = Ouvrir un salon
start-paste = Collez une invitation
start-join = Rejoindre
start-demo = Juste un coup d’œil ? Ouvrez la démonstration

refused-not-an-invitation = Ce n’est pas une invitation. Elle commence par incamera://join#
refused-damaged = L’invitation est abîmée. Copiez-la de nouveau en entier.
refused-newer = L’invitation vient d’une version plus récente. Mettez celle-ci à jour.
refused-unreachable = Personne ne répond à l’adresse de l’invitation.
refused-outside-network = L’invitation mène hors du réseau autorisé.
refused-refused = L’invitation n’est pas valable, ou ne l’est plus.
refused-full = Le salon est plein.
refused-timed-out = Le salon n’a pas répondu à temps.
refused-malformed = La réponse du salon est illisible.
refused-name = Écrivez d’abord un nom, pour que les autres sachent qui vous êtes.
refused-system = Le système a refusé un fil d’exécution, une connexion ou une minuterie.

lobby-back = Retour
lobby-invited = Un salon où vous êtes invité
lobby-nobody-sees = Personne ne vous voit ni ne vous entend encore
lobby-enter = Entrer dans le salon
lobby-entering = On frappe…

picker-camera = Caméra
picker-microphone = Microphone
picker-speaker = Haut-parleur
picker-none = Aucun
picker-no-camera = Aucune
picker-clip = Un extrait
picker-test-picture = Image d’essai
picker-test-melody = Mélodie d’essai

demo-title = Démonstration
room-untitled = Salon

header-people = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
seal-post-quantum = Scellé, post-quantique
seal-classic = Scellé
seal-waiting = { $count ->
    [one] En attente des clés d’une personne
   *[other] En attente des clés de { $count } personnes
}
seal-alone = Il n’y a encore personne d’autre
layout-grid = Grille
layout-speaker = Orateur

tile-you = Vous
tile-connecting = Connexion…
tile-keys-behind = Renouvellement des clés…
tile-keys-missing = En attente des clés…
tile-muted = micro coupé
tile-camera-off = caméra éteinte
tile-speaking = parle

bar-microphone = Activer le microphone
bar-microphone-mute = Couper le microphone
bar-camera = Allumer la caméra
bar-camera-off = Éteindre la caméra
bar-chat = Ouvrir la discussion
bar-chat-close = Fermer la discussion
bar-invite = Inviter
bar-layout = Grille ou orateur
bar-leave = Quitter
switch-theme = Sombre ou clair

chat-title = Discussion
chat-nothing = Ce qui s’écrit ici est scellé comme tout le reste, et disparaît avec le salon.
chat-placeholder = Message à tout le monde
chat-send = Envoyer

invite-title = Inviter à { $room }
invite-how = Montrez ce code, ou envoyez le lien par un moyen sûr. Quiconque l’a peut entrer.
invite-copy = Copier le lien
invite-copied = Copié
invite-making = L’invitation se prépare…
invite-done = Fermer

ended-removed = Vous avez été retiré
ended-removed-why = Quelqu’un vous a retiré du salon. Dès cet instant vous n’entendiez et ne voyiez plus rien, et personne ne vous entendait ni ne vous voyait.
ended-failed = Le salon est fermé
ended-failed-why = La connexion n’a pas pu continuer.
ended-back = Retour au début

notice-left = { $name } est parti
notice-removed = { $name } a été retiré
notice-lost = La connexion avec { $name } est perdue
notice-clipboard = Le presse-papiers est inutilisable
notice-no-guests = Les invités de la démonstration n’ont pas pu venir

trouble-camera-unusable = La caméra est inutilisable
trouble-camera-lost = La caméra a disparu
trouble-microphone-unusable = Le microphone est inutilisable
trouble-microphone-lost = Le microphone a disparu
trouble-speaker-unusable = Le haut-parleur est inutilisable
trouble-speaker-lost = Le haut-parleur a disparu
trouble-camera-clip = L’extrait est illisible
trouble-microphone-clip = L’extrait sonore est illisible
trouble-recording = L’enregistrement s’est arrêté : le disque a refusé d’écrire
trouble-message-too-long = Le message est trop long
trouble-no-such-member = Personne de ce nom n’est dans le salon
trouble-busy = Trop à la fois : le dernier souhait est tombé

figures-redraws = Images dessinées
figures-epoch = Époque
figures-processor = Processeur
figures-who = Qui
figures-path = Chemin
figures-keys = Clés
figures-picture = Image
figures-picture-late = Retard image
figures-sound-late = Retard son
figures-concealed = Masqué
figures-received = Reçu
