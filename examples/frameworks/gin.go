package frameworks

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// Gin serves the shop with gin.
func Gin(shop *Shop) *gin.Engine {
	router := gin.New()
	router.POST("/wechatpay/notify", gin.WrapH(shop.Notified()))
	router.POST("/orders/:no", func(c *gin.Context) {
		codeURL, err := shop.Prepay(c.Request.Context(), c.Param("no"))
		if err != nil {
			c.String(http.StatusBadGateway, "%v", err)
			return
		}
		c.String(http.StatusOK, "%s", codeURL)
	})
	return router
}
