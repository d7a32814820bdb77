package frameworks

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Echo serves the shop with echo.
func Echo(shop *Shop) *echo.Echo {
	router := echo.New()
	router.POST("/wechatpay/notify", echo.WrapHandler(shop.Notified()))
	router.POST("/orders/:no", func(c echo.Context) error {
		codeURL, err := shop.Prepay(c.Request().Context(), c.Param("no"))
		if err != nil {
			return echo.NewHTTPError(http.StatusBadGateway, err.Error())
		}
		return c.String(http.StatusOK, codeURL)
	})
	return router
}
