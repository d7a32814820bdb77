package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/cashcoupons"
	"github.com/wechatpay-apiv3/wechatpay-go/services/certificates"
	"github.com/wechatpay-apiv3/wechatpay-go/services/fileuploader"
	"github.com/wechatpay-apiv3/wechatpay-go/services/giftactivity"
	"github.com/wechatpay-apiv3/wechatpay-go/services/goldplan"
	"github.com/wechatpay-apiv3/wechatpay-go/services/lovefeast"
	"github.com/wechatpay-apiv3/wechatpay-go/services/merchantexclusivecoupon"
	partnerapp "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/app"
	partnerh5 "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/h5"
	partnerjsapi "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/jsapi"
	partnernative "github.com/wechatpay-apiv3/wechatpay-go/services/partnerpayments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/partnertransferbatch"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/app"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payrollcard"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"
	"github.com/wechatpay-apiv3/wechatpay-go/services/retailstore"
	"github.com/wechatpay-apiv3/wechatpay-go/services/transferbatch"
	"github.com/wechatpay-apiv3/wechatpay-go/services/weixinpayscanandride"
	"github.com/wechatpay-apiv3/wechatpay-go/services/wexinpayscoreparking"

	"github.com/wxchain/wechatpay/openapi"
)

// services are all services of the SDK.
func services() []any {
	return []any{
		new(cashcoupons.CallBackUrlApiService), new(cashcoupons.CouponApiService), new(cashcoupons.StockApiService),
		new(certificates.CertificatesApiService),
		new(fileuploader.ImageUploader), new(fileuploader.MarketingImageUploader), new(fileuploader.MchBizUploader), new(fileuploader.VideoUploader),
		new(giftactivity.ActivityApiService),
		new(goldplan.MerchantsApiService), new(goldplan.StatusApiService),
		new(lovefeast.BrandsApiService), new(lovefeast.OrdersApiService),
		new(merchantexclusivecoupon.BusiFavorApiService), new(merchantexclusivecoupon.CallBackApiService),
		new(merchantexclusivecoupon.CouponApiService), new(merchantexclusivecoupon.SubsidyApiService),
		new(partnerapp.AppApiService), new(partnerh5.H5ApiService), new(partnerjsapi.JsapiApiService), new(partnernative.NativeApiService),
		new(partnertransferbatch.TransferBatchApiService), new(partnertransferbatch.TransferDetailApiService),
		new(app.AppApiService), new(h5.H5ApiService), new(jsapi.JsapiApiService), new(native.NativeApiService),
		new(payrollcard.AuthenticationsApiService), new(payrollcard.RelationsApiService), new(payrollcard.TokensApiService), new(payrollcard.TransferBatchApiService),
		new(profitsharing.BillShipmentApiService), new(profitsharing.MerchantsApiService), new(profitsharing.OrdersApiService),
		new(profitsharing.ReceiversApiService), new(profitsharing.ReturnOrdersApiService), new(profitsharing.TransactionsApiService),
		new(refunddomestic.RefundsApiService),
		new(retailstore.ActivityApiService), new(retailstore.QualificationApiService), new(retailstore.RetailStoreActApiService),
		new(transferbatch.TransferBatchApiService), new(transferbatch.TransferDetailApiService),
		new(weixinpayscanandride.TransactionsApiService), new(weixinpayscanandride.UserServicesApiService),
		new(wexinpayscoreparking.ParkingsApiService), new(wexinpayscoreparking.ServicesApiService), new(wexinpayscoreparking.TransactionsApiService),
	}
}

// nameOf returns the package and the name of a service.
func nameOf(service any) string {
	of := reflect.TypeOf(service).Elem()
	return strings.TrimPrefix(of.PkgPath(), "github.com/wechatpay-apiv3/wechatpay-go/services/") + "." + of.Name()
}

// Every exported service of the SDK is in the list above.
func TestOfficialServicesAreAll(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/wechatpay-apiv3/wechatpay-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, service := range services() {
		got = append(got, nameOf(service))
	}
	declared := regexp.MustCompile(`(?m)^type ([A-Z]\w*) services\.Service$`)
	root := os.DirFS(strings.TrimSpace(string(dir)))
	err = fs.WalkDir(root, "services", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := fs.ReadFile(root, path)
		for _, name := range declared.FindAllSubmatch(text, -1) {
			want = append(want, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "services/")+"."+string(name[1]))
		}
		return err
	})
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: the services are %q, want %q", err, got, want)
	}
}

// A refusal is the error of a plausible call, and why the call has it.
type refusal struct{ code, reason string }

// officialRefusals are the refusals of the SDK's calls, which the platform would
// refuse too.
func officialRefusals() map[string]refusal {
	return map[string]refusal{
		"certificates.CertificatesApiService.DownloadCertificates": {"RESOURCE_NOT_EXISTS", "the merchant has the public key alone"},
	}
}

// probe is a transport that keeps a request and does not send it.
type probe struct{ req *http.Request }

var errProbed = errors.New("kept by the probe")

func (p *probe) RoundTrip(req *http.Request) (*http.Response, error) {
	p.req = req
	return nil, errProbed
}

// Each method of each service is called with a plausible request. Its answer has
// all that the SDK's model requires.
func TestOfficialServices(t *testing.T) {
	w := newWorld(t)
	m, probed := w.Merchant(), new(probe)
	blind, err := core.NewClient(t.Context(), option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey),
		option.WithHTTPClient(&http.Client{Transport: probed}), option.WithoutValidator())
	if err != nil {
		t.Fatal(err)
	}
	client, refusals := official(t, w.Sandbox), officialRefusals()
	for _, service := range services() {
		v := reflect.ValueOf(service)
		to := v.Elem().FieldByName("Client")
		for i := range v.NumMethod() {
			name := nameOf(service) + "." + v.Type().Method(i).Name
			t.Run(name, func(t *testing.T) {
				call := v.Method(i)
				to.Set(reflect.ValueOf(blind))
				probed.req = nil
				call.Call(anyArguments(t, call.Type()))
				if probed.req == nil {
					t.Fatal("it sends nothing")
				}
				op := openapi.Match(probed.req.Method, probed.req.URL.EscapedPath())
				if op == nil {
					t.Fatalf("the catalogue lacks %s %s", probed.req.Method, probed.req.URL)
				}
				args := anyArguments(t, call.Type())
				if len(args) == 2 || len(args) == 3 {
					args[1] = w.officialRequest(t, op, call.Type().In(1))
				}
				to.Set(reflect.ValueOf(client))
				checkOfficial(t, call.Call(args), refusals[name])
			})
		}
	}
}

// anyArguments returns arguments for a method: a request with some value in each
// field, an appid, or an image or video to upload.
func anyArguments(t *testing.T, method reflect.Type) []reflect.Value {
	t.Helper()
	if method.NumIn() == 4 {
		name, contentType := "image.png", "image/png"
		if strings.Contains(method.Out(0).String(), "Video") {
			name, contentType = "video.mp4", "video/mp4"
		}
		return []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(bytes.NewReader([]byte(png))), reflect.ValueOf(name), reflect.ValueOf(contentType)}
	}
	args := []reflect.Value{reflect.ValueOf(t.Context()), {}, reflect.ValueOf(appID)}[:method.NumIn()]
	if len(args) > 1 {
		args[1] = reflect.New(method.In(1)).Elem()
		fill(args[1])
	}
	return args
}

// officialRequest returns a plausible request to op in a type of the SDK.
func (w *world) officialRequest(t *testing.T, op *openapi.Operation, of reflect.Type) reflect.Value {
	t.Helper()
	p := w.plausible(t, op)
	for range 4 { // what the SDK requires may require more
		plain, err := json.Marshal(p.all(t))
		if err != nil {
			t.Fatal(err)
		}
		req := reflect.New(of)
		if err := json.Unmarshal(plain, req.Interface()); err != nil {
			t.Fatalf("%v: the request: %v in %s", op, err, plain)
		}
		missing := missingFields(req, "")
		if len(missing) == 0 {
			return req.Elem()
		}
		for _, path := range missing {
			p.also[path] = true
		}
	}
	req := reflect.New(of)
	plain, err := json.Marshal(p.all(t))
	if err == nil {
		err = json.Unmarshal(plain, req.Interface())
	}
	t.Fatalf("%v: the catalogue lacks %q, which the SDK requires: %v", op, missingFields(req, ""), err)
	return req.Elem()
}

// checkOfficial checks what a method returned.
func checkOfficial(t *testing.T, out []reflect.Value, want refusal) {
	t.Helper()
	err, _ := out[len(out)-1].Interface().(error)
	if want.code != "" {
		if !core.IsAPIError(err, want.code) {
			t.Errorf("error %v, want %s: %s", err, want.code, want.reason)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 3 {
		if _, err := json.Marshal(out[0].Interface()); err != nil {
			t.Errorf("the answer: %v", err)
		}
	}
}

// fill gives each field some value.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	}
}

// missingFields returns the paths of fields that the SDK requires and that have no
// value.
func missingFields(v reflect.Value, path string) (missing []string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return missingFields(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			missing = append(missing, missingFields(v.Index(i), path+"[]")...)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			name = strings.TrimPrefix(path+"."+name, ".")
			f := v.Field(i)
			if (f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice) && f.IsNil() && options == "" {
				missing = append(missing, name)
			}
			missing = append(missing, missingFields(f, name)...)
		}
	}
	return missing
}
