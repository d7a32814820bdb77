package console

// texts are the Chinese texts of the pages, by their English.
var texts = map[string]string{
	"Now": "实时动态",
}
