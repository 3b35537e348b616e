package language

import "strings"

// These sets are constants in all but syntax: nothing writes to them.
var (
	// functionWords make a Latin text English.
	functionWords = set(`a about after again all am an and any anyone are aren't as at be because been
		before but by bye can can't could did didn't do does doesn't don't else for from get give go
		good had has have haven't he hello help her here hey hi him his how i i'd i'll i'm i've if in
		into is isn't it it's its just know let like long look looking many may me mine more much my
		need never new no not now of off on one only or other our out over please really right said
		same see she should show so some somebody someone something sorry still tell than thank thanks
		that that's the their them then there these they this those to too under up us use very want
		was way we well were what what's when where which who why will with without won't would yes
		yet you you're your`)

	// foreignWords are function words of other languages in Latin script.
	foreignWords = set(`el la los las un una unos de del que y en por para con es está mi su se lo al
		como cómo dónde donde pero muy más hola gracias quiero pedido puedo
		le les des du une et est je vous nous il elle mon ma mes votre où pour dans avec pas ne sur
		bonjour merci commande au aux ce cette qui
		der die das und ist ich nicht ein eine einen mein meine wo wie mit auf für zu von den dem sie
		wir haben bestellung bitte danke guten hallo
		il lo gli che di è un non sono mio mia dove ciao grazie ordine
		o os as um uma do da dos das não meu minha onde você obrigado
		het een van ik niet mijn waar met voor zijn
		và của là tôi không được cho các`)

	// neutral words are written by speakers of any language.
	neutral = set(`ok okay k oki haha hah lol hmm hm uh um ah oh ha email mail e-mail app usb wifi vip
		pro max mini iphone ipad paypal visa mastercard sku zip pdf qr id www http https com net org`)
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}
