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
refused-own-invitation = C’est votre propre invitation. Envoyez-la à la personne à qui vous voulez parler.
refused-taken-up-before = Vous avez déjà utilisé cette invitation. Le contact est dans votre liste.
refused-timed-out = Le salon n’a pas répondu à temps.
refused-version = Le programme qui a fait l’invitation est d’une autre version que celui-ci. L’un de vous doit le mettre à jour.
refused-suite = Ce salon exige des clés post-quantiques, que ce programme n’a pas.
refused-malformed = La réponse du salon est illisible.
refused-name = Écrivez d’abord un nom, pour que les autres sachent qui vous êtes.
refused-system = Le système a refusé un fil d’exécution, une connexion ou une minuterie.

lobby-back = Retour
lobby-invited = Un salon où vous êtes invité
lobby-nobody-sees = Personne ne vous voit ni ne vous entend encore
lobby-enter = Entrer dans le salon
lobby-entering = On frappe…

devices-title = Caméra, microphone et haut-parleur
devices-noise-out = Suppression du bruit activée
devices-noise-in = Suppression du bruit désactivée
devices-tone = Jouer des notes d’essai
devices-done = Terminé

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
seal-classic = Scellé, clés classiques
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
tile-keys-forked = Sur une autre branche du salon…
tile-muted = micro coupé
tile-camera-off = caméra éteinte
tile-camera-paused = Image en pause : trop à faire ici
tile-speaking = parle
tile-sharing = partage son écran
tile-shares = { $name } partage son écran

bar-microphone = Activer le microphone
noise-out = Le bruit est retiré de votre voix
noise-in = Votre voix est transmise avec tout son bruit
bar-microphone-talk = Activer le microphone, ou maintenir Ctrl+Espace pour parler
bar-microphone-mute = Couper le microphone
bar-camera = Allumer la caméra
bar-camera-off = Éteindre la caméra
bar-camera-lost = Désactiver la caméra, qui a disparu et que l’on cherche
bar-share = Partager l’écran
bar-share-stop = Ne plus partager l’écran
bar-chat = Ouvrir la discussion
bar-chat-close = Fermer la discussion
bar-devices = Caméra, microphone, haut-parleur
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
notice-renamed = { $from } s’appelle maintenant { $to }
notice-clipboard = Le presse-papiers est inutilisable
notice-no-guests = Les invités de la démonstration n’ont pas pu venir

trouble-camera-unusable = La caméra est inutilisable
trouble-camera-lost = La caméra a disparu ; elle reviendra d’elle-même
trouble-screen-unusable = L’écran ne peut pas être partagé
trouble-screen-declined = Rien n’a été choisi : rien n’est partagé
trouble-screen-gone = Ce que vous partagiez a disparu
trouble-microphone-unusable = Le microphone est inutilisable
trouble-microphone-lost = Le microphone a disparu ; un autre le remplace, s’il y en a
trouble-speaker-unusable = Le haut-parleur est inutilisable
trouble-speaker-lost = Le haut-parleur a disparu ; un autre le remplace, s’il y en a
trouble-camera-clip = L’extrait est illisible
trouble-microphone-clip = L’extrait sonore est illisible
trouble-overloaded = Cet ordinateur a trop à faire : les images peuvent être plus petites, ou en pause, un moment
trouble-picture-rests = La vidéo d'un participant ne peut pas être affichée sans risque ; elle est en pause un moment
trouble-decoder-not-started = Impossible d'afficher la vidéo des autres : son décodeur n'a pas démarré. In Camera réessaie ; si cela dure, redémarrez In Camera
trouble-stream-failed = Le son ou la vidéo d'un participant a échoué et s'arrête pour cet appel
trouble-recording = L’enregistrement s’est arrêté : le disque a refusé d’écrire
trouble-message-too-long = Le message est trop long
trouble-message-blank = Le message n’a aucun texte visible : il n’a pas été envoyé
trouble-no-such-member = Personne de ce nom n’est dans le salon
trouble-busy = Trop à la fois : le dernier souhait est tombé

figures-redraws = Images dessinées
figures-epoch = Époque
figures-processor = Processeur
figures-decoder-sandboxed = Décodeur vidéo : isolé
figures-decoder-partly = Décodeur vidéo : isolé en partie
figures-decoder-not-sandboxed = Décodeur vidéo : non isolé ici
figures-decoder-not-started = Décodeur vidéo : ne démarre pas
figures-who = Qui
figures-path = Chemin
figures-by-way = image par { $name }
figures-keys = Clés
figures-picture = Image
figures-picture-late = Retard image
figures-sound-late = Retard son
figures-concealed = Masqué
figures-received = Reçu

start-profiles = Profils
refused-needs-profile = Cette invitation mène à quelque chose qui se garde. Ouvrez un profil pour l’accepter.
refused-expired = L’invitation a expiré.

sheet-cancel = Annuler
sheet-save = Enregistrer
sheet-done = Fermer

profiles-looking = Un instant…
profiles-which = Quel profil ?
profiles-which-why = Chaque profil a son nom, ses contacts et ses salons. Rien au-dehors ne les relie.
profiles-one = Profil { $number }
profiles-by-keyring = trousseau
profiles-by-passphrase = phrase secrète
profiles-passphrase-title = Votre phrase secrète
profiles-open = Ouvrir
profiles-new = Nouveau profil
profiles-new-title = Un nouveau profil
profiles-make = Commencer
profiles-lock-keyring = Le trousseau de cet ordinateur
profiles-lock-passphrase = Une phrase secrète
profiles-keyring-why = La clé est dans le trousseau de cet ordinateur : qui peut utiliser votre session peut ouvrir le profil.
profiles-passphrase-why = Personne ne peut ouvrir le profil sans elle. Personne ne peut aider si elle est oubliée.
profiles-no-keyring = Aucun trousseau ne répond sur cet ordinateur : une phrase secrète ferme ce qui se garde. Personne ne peut aider si elle est oubliée.
profiles-again = La phrase secrète, encore
profiles-not-alike = Les deux phrases secrètes diffèrent.
profiles-import = Apporter un profil
profiles-import-title = Apporter un profil
profiles-import-why = Depuis un fichier fait ailleurs. Ensuite, ne l’utilisez plus qu’ici : ses clés ne doivent pas vivre à deux endroits.
profiles-import-from = Chemin du fichier
profiles-import-now = L’apporter ici
profiles-busy = Un instant…
profiles-nothing = Continuer sans rien garder

profile-title = Votre profil
profile-front = Passer au premier plan quand ça sonne
profile-locked-keyring = Fermé par le trousseau de cet ordinateur.
profile-locked-passphrase = Fermé par une phrase secrète. Elle est redemandée avant tout changement ici.
profile-passphrase = Phrase secrète
profile-switch = Autres profils
profile-export = L’emporter ailleurs
profile-export-why = Un fichier avec tout le profil, scellé par une phrase secrète à lui. Ne continuez pas à l’utiliser ici à côté de la copie.
profile-export-to = Chemin du fichier à faire
profile-export-now = Faire le fichier
profile-sealed-with = Phrase secrète du fichier
profile-delete = Effacer ce profil
profile-delete-why = Ses contacts, salons, discussions et clés disparaissent pour de bon. Personne n’en est averti.
profile-delete-surely = Oui, effacer ce profil
profile-delete-everything = Tout effacer
profile-delete-everything-why = Tous les profils avec tout ce qu’ils gardent disparaissent pour de bon. Écrivez « { $word } » pour continuer.
profile-delete-word = tout
profile-delete-type = Le mot
profile-delete-wrong-word = Ce n’est pas le mot. Rien n’a été effacé.
profile-delete-everything-surely = Oui, tout effacer

safe-kept = Enregistré
safe-exported = Le fichier est fait
safe-wrong-passphrase = La phrase secrète est fausse.
safe-unusable-passphrase = Écrivez une phrase secrète, de 1024 octets au plus.
safe-no-keyring = Le trousseau de cet ordinateur ne répond pas.
safe-key-missing = Le trousseau n’a pas la clé de ce profil.
safe-newer = Ceci vient d’une version plus récente. Mettez celle-ci à jour.
safe-no-export = Ce fichier n’est pas un profil exporté, ou rien ne peut être écrit à sa place.
safe-damaged = Ce qui est gardé est abîmé.
safe-in-use = Une autre fenêtre utilise ce profil.
safe-disk-full = Le disque est plein.
safe-no-profile = Il n’y a pas de tel profil ici.
safe-not-ours = Effacé. Quelque chose qui n’est pas d’In Camera se trouve dans le même dossier et y a été laissé.
safe-refused = Le système a refusé de lire ou d’écrire ce qui se garde.

home-first = Il n’y a encore personne. Donnez à quelqu’un une invitation à lui, et il devient un contact. Chaque contact vous connaît par une autre clé.
home-invite = Inviter quelqu’un
home-entering = Une invitation
home-waiting = On attend d’être admis…
home-invited = Invitation pas encore acceptée
home-nothing = Rien d’écrit encore
home-undelivered = En attente de remise
home-ringing = Vous appelle
home-calling = Appel…
home-in-call = Vous êtes dans l’appel
home-call = Appel en cours, { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}
home-knocks = { $count ->
    [one] Quelqu’un est à la porte
   *[other] { $count } personnes sont à la porte
}
home-unread = { $count ->
    [one] { $count } message non lu
   *[other] { $count } messages non lus
}
home-present = { $count ->
    [0] personne d’autre n’est là
   *[other] { $count } là
}
home-call-goes-on = Vous êtes dans un appel : { $room }
home-return = Y retourner
home-hang-up = Raccrocher
header-home = Contacts et salons, l’appel continue
header-calling = Appel…

presence-here = là
presence-away = absent
presence-reconnecting = reconnexion
presence-away-why = Absent. Ce que vous écrivez attend ici son retour.
presence-direct = Là, relié directement
presence-relayed = Là, par un relais qui ne voit que des octets scellés
presence-forwarded = Là, par un autre membre
link-reconnecting = Reconnexion…
link-offline = Reconnexion : vous êtes hors ligne
link-no-relay = Reconnexion : aucun relais ne répond

room-new = Nouveau salon
room-kept = Garder le salon
room-kept-why = Un salon gardé reste avec ses clés et sa discussion ; on y vient et on en part.
room-ephemeral = Ne rien laisser
room-ephemeral-why = Un salon qui ne laisse rien vit tant qu’il y a quelqu’un, et son appel commence aussitôt.

call-plain = Appeler
call-video = Appeler en vidéo
call-missed = Appel manqué de { $name }
ring-plain = Vous appelle
ring-video = Vous appelle en vidéo
ring-room = Appelle dans { $room }
ring-accept = Répondre
ring-accept-video = En vidéo
ring-decline = Refuser
knock-one = { $name } est à la porte
knock-admit = Faire entrer
knock-refuse = Refuser

chat-write = Écrire un message
chat-nothing-kept = Rien d’écrit encore. Ce que vous écrivez est scellé, gardé sur vos seules machines, et attend ici leur retour.
chat-waiting = en attente
chat-delivered = remis
chat-brings = Vous amène dans { $room }
chat-take-brought = Entrer
chat-call-held = Appel, { $minutes } min
chat-missing = { $count ->
    [one] Il manque { $count } message
   *[other] Il manque { $count } messages
}
chat-call-missed = Appel manqué
chat-call-declined = Appel refusé
chat-renamed = s’appelle maintenant { $to }

invite-contact-title = Inviter quelqu’un
invite-contact-how = Il devient un contact : une relation à deux avec des clés à elle. Pour qui est-ce ? Vous seul voyez cette note.
invite-contact-show = Montrez ce code, ou envoyez le lien par un moyen sûr. Le premier qui s’en sert devient ce contact.
invite-for = Une invitation pour { $name }
invite-label = Pour qui
invite-whom = Écrivez pour qui c’est.
invite-make = Faire une invitation
invite-none = Il n’y a pas d’invitation ouverte à ce salon.
invite-used-up = L’invitation a servi, a expiré ou a été révoquée.
invite-another = La prochaine invitation
invite-open = Invitations ouvertes
invite-revoke = Révoquer
invite-once = Une fois
invite-many = Pour plusieurs
invite-hour = 1 heure
invite-day = 1 jour
invite-week = 1 semaine
invite-forever = Jusqu’à révocation
invite-waiting-room = Salle d’attente

accept-title = Accepter une invitation
accept-how = Collez le lien, nommez ou déposez une image du code, ou tenez le code devant la caméra.
accept-picture = Depuis une image
accept-file = Chemin d’un fichier PNG ou JPEG
accept-read = Lire
accept-scan = Lire par la caméra
accept-scan-stop = Arrêter la caméra
accept-scanning = Tenez le code devant la caméra
accept-take = Accepter
accept-unreadable = Le fichier est illisible.
accept-no-picture = Le fichier n’est pas une image PNG ou JPEG, ou elle est abîmée.
accept-too-large = L’image est trop grande.
accept-no-code = Il n’y a pas de code lisible dans l’image.

about-more = Plus
about-code = Vérification
about-code-why = Comparez avec eux des mots, des chiffres ou une image, et vous saurez que personne ne se tient entre vous.
about-code-none = Il y aura quelque chose à comparer dès que l’invitation aura été acceptée.
about-verified = Vérifié
about-label = Nom
about-label-hint = Votre nom pour ce contact
about-rules = Appels
about-may-ring = Peut sonner
about-may-video = Peut sonner en vidéo
about-room-rings = Les appels de ce salon sonnent
about-quiet = Heures calmes : rien ne sonne entre ces heures. Laissez vide pour aucune.
about-quiet-from = De, comme 22:00
about-quiet-until = À, comme 07:00
about-quiet-unreadable = Écrivez les deux heures comme 22:00.
about-show-invitation = Montrer l’invitation
about-bring = Amener dans un salon
about-bring-into = Dans quel salon ?
about-bring-none = Il n’y a pas encore de salon gardé.
about-forget = Oublier
about-forget-why = Sa clé, votre discussion et vos invitations disparaissent pour de bon. Il est averti que c’est fini.
about-forget-surely = Oui, oublier ce contact
about-remove = Retirer { $name }
about-nobody = Personne d’autre n’est encore membre.
about-invitations = { $count ->
    [one] { $count } invitation
   *[other] { $count } invitations
}
about-leave = Quitter le salon
about-leave-why = Vous n’en êtes plus membre, et ses clés et sa discussion disparaissent de cette machine.
about-leave-surely = Oui, quitter le salon
about-compare = Comparer
about-room-code = Les mots du salon
about-room-code-why = Les mêmes pour tous ceux qui sont dans le salon en ce moment, et pour personne d’autre. Ils changent avec ses membres.

verify-title = Comparer avec { $name }
verify-how = Lisez vos mots à voix haute, et faites-les vérifier sur l’autre écran. Puis l’autre lit les siens, et vous vérifiez. De vive voix, ou dans un appel où vous reconnaissez la voix.
verify-you-read = Vous lisez
verify-they-read = L’autre lit
verify-digits = Ou comparez ces chiffres
verify-show = Ou comparez une image
verify-show-how = Faites lire votre code. Lisez l’autre dans un fichier d’image, ou avec la caméra.
verify-same = C’est pareil
verify-different = Ce n’est pas pareil
verify-none = Ce qu’il y a à comparer est en calcul…
verify-not = Pas encore comparé
verify-everybody = Tout le monde est vérifié
verify-broken-short = Nouvelles clés : comparez de nouveau
verify-as = Vérifié comme { $name }
verify-renamed-short = Vérifié sous un autre nom
verify-renamed = Vous avez vérifié cette personne sous un autre nom. Les clés sont les mêmes, mais le nom est nouveau : c’est peut-être celui de quelqu’un d’autre.
verify-ambiguous-short = Quelqu’un d’autre a ce nom
verify-ambiguous = Un autre membre de ce salon a ou a eu un nom qui ressemble à celui-ci. Comparez avant de lui faire confiance.
verify-broken = Cette personne porte le nom de quelqu’un que vous avez vérifié, mais avec d’autres clés. Comparez avant de lui faire confiance : c’est peut-être quelqu’un d’autre.
verify-matches = C’est pareil : vérifié.
verify-differs = Ce n’est pas pareil : quelqu’un se tient peut-être entre vous. Ne dites rien ici que d’autres ne doivent pas savoir.
verify-own = C’est votre propre code. Lisez celui que l’autre montre.
verify-no-code = Ce n’est pas un code de vérification.
verify-damaged = Le code est abîmé ou incomplet. Lisez-le de nouveau.
verify-newer = Le code vient d’une version plus récente. Mettez celle-ci à jour pour l’utiliser.

network-title = Réseau
network-reach = Où les paquets peuvent aller
network-internet = Internet
network-lan = Réseau local seulement
network-local = Cette machine seulement
network-internet-why = On trouve et on joint les gens partout.
network-lan-why = On ne trouve et ne joint que les gens des réseaux de cette machine. Rien ne part vers Internet.
network-local-why = Rien ne quitte cette machine.
network-relays = Relais
network-relays-hint = Adresses de relais, comme https://relay.example.org
network-more = Trouver et se cacher
network-dht = Trouver les gens par la DHT
network-dht-hint = Nœuds d’entrée de la DHT, comme hôte:6881
network-hide = Cacher mon adresse
network-hide-why = Tout passe par des relais : personne à qui vous parlez n’apprend votre adresse. C’est plus lent.
network-passphrase = Phrase secrète, pour le garder la prochaine fois
network-apply = Appliquer
network-not-kept = Valable jusqu’à la fermeture de la fenêtre.
reach-unknown = Pas encore connu
reach-offline = Vous êtes hors ligne : pas d’autre réseau que cette machine
reach-relay-off = Aucun relais : des gens derrière des routeurs stricts peuvent être injoignables.
reach-relay-off-hidden = Votre adresse est cachée et aucun relais n’est nommé : personne n’est joignable.
reach-relay-trying = On cherche un relais…
reach-relay-works = Un relais répond : les gens derrière des routeurs stricts sont joignables.
reach-relay-unreachable = Aucun relais ne répond : les gens derrière des routeurs stricts sont injoignables.
reach-dht-off = La DHT est éteinte : on trouve les gens sur ce réseau, à leur dernière adresse, ou par une nouvelle invitation.
reach-dht-trying = On entre dans la DHT…
reach-dht-works = La DHT répond : on trouve les contacts où qu’ils soient.
reach-dht-unreachable = La DHT ne répond pas : les contacts qui ont bougé restent introuvables.
reach-lan-on = On trouve aussitôt les gens de ce réseau local.
reach-lan-off = Le réseau local n’est pas regardé.

notice-room-removed-you = Un salon ou un contact est fini : vous n’en êtes plus membre
notice-room-failed = Un salon n’a pas pu continuer
trouble-store-refused = Le disque a refusé d’écrire : on réessaie
trouble-no-store = Rien ne se garde ici : ouvrez un profil pour les contacts et les salons gardés
trouble-call-full = L’appel est complet : 16 personnes y sont
trouble-read-only = On ne peut plus rien dire dans ce salon
trouble-room-is-crowded = Il se dit plus de choses dans ce salon qu’on ne peut en garder à la fois : des messages arriveront plus tard
read-only-said = On vous dit retiré de ce salon
read-only-removed = Vous avez été retiré ; vous pouvez encore lire
read-only-contact = Votre contact a mis fin à cette relation ; vous pouvez encore lire
trouble-left-alone = Il n’y a plus que vous dans l’appel : votre caméra, votre micro et le partage d’écran ont été coupés
trouble-call-left-alone = L’appel est terminé : personne d’autre n’y était depuis au moins dix minutes
trouble-clock-in-doubt = L’horloge de cet ordinateur est peut-être fausse : elle indique { $time }. Les contacts restent introuvables tant qu’elle n’est pas juste : réglez-la dans les paramètres du système.
trouble-other-version = Le programme de quelqu’un est d’une autre version que celui-ci : l’un de vous doit le mettre à jour
trouble-in-another-call = Vous êtes dans un autre appel : raccrochez d’abord

share-title = Partager l’écran
share-how = Tout le monde le voit pendant l’appel, avec le pointeur. D’une fenêtre, on ne voit que cette fenêtre.
share-looking = On demande au bureau…
share-nothing = Ce bureau ne laisse pas lire son écran.
share-whole = Tout l’écran
share-portal = Ce que le bureau vous laisse choisir…
notice-sharing = Vous partagez votre écran avec tout le monde dans l’appel

confirm-remove = Retirer { $name } ?
confirm-remove-why = Dès cet instant, cette personne n’entend, ne voit et ne lit plus rien ici. Les invitations ouvertes vers le salon prennent fin aussi. C’est irréversible.
confirm-forget = Oublier { $name } ?
confirm-leave = Quitter { $name } ?
confirm-delete-profile = Effacer ce profil ?
confirm-quit = Quitter pendant l’appel ?
confirm-quit-why = Vous quittez l’appel, et les autres continuent sans vous.
confirm-quit-surely = Quitter
confirm-ends-call = Cela met fin à votre appel
confirm-ends-call-why = Le profil ou ses connexions sont rouverts pour cela. Vous quittez l’appel, et les autres continuent sans vous.
confirm-ends-call-surely = Terminer l’appel et continuer

invite-copied-why = Un lien copié est retiré du presse-papiers au bout d’une minute, et quand la fenêtre se ferme.
home-choose = Choisissez un contact ou un salon à gauche
notice-no-camera = Aucune caméra n’est choisie : branchez-en une, ou choisissez-la sous « Caméra, microphone, haut-parleur »
notice-no-microphone = Aucun microphone n’est choisi : branchez-en un, ou choisissez-le sous « Caméra, microphone, haut-parleur »
safe-stopped = Arrêté. Rien n’a été changé.
quit-waits = Quelque chose est encore en cours d’enregistrement ; la fenêtre se fermera ensuite. Quittez encore une fois pour la fermer tout de suite.
chat-call-unanswered = Pas de réponse
call-declined = { $name } a décliné votre appel
call-unanswered = Votre appel à { $name } est resté sans réponse
