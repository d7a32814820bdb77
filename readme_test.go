package wechatpay_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var codeBlock = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

// codeBlocks returns the code blocks of a Markdown file with their languages.
func codeBlocks(t *testing.T, file string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return codeBlock.FindAllStringSubmatch(string(text), -1)
}

// Every Go block of the documentation is part of a program that compiles: an
// example or a recipe, which runs, or a test against another SDK.
func TestDocs(t *testing.T) {
	var programs strings.Builder
	for _, pattern := range []string{"*example_test.go", "*/*example_test.go", "signer/*/*example_test.go", "signer/*/*/*example_test.go", "store/*/*example_test.go", "store/*/examples/*/*.go", "cmd/wxpay/native/*example_test.go", "examples/*/main.go", "examples/frameworks/*.go", "interop/*_test.go"} {
		for _, file := range glob(t, pattern) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			programs.WriteString(flat(string(source)))
		}
	}
	for _, file := range slices.Concat(glob(t, "docs/*.md"), glob(t, "docs/zh-CN/*.md"), []string{"README.md", "README.zh-CN.md", "CONTRIBUTING.md"}) {
		for _, block := range codeBlocks(t, file) {
			if block[1] == "go" && !strings.Contains(programs.String(), flat(block[2])) {
				t.Errorf("%s: no program has this block:\n%s", file, block[2])
			}
		}
	}
}

// The README says the same in both languages.
func TestReadmeInChinese(t *testing.T) {
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n >= 250 {
			t.Errorf("%s has %d lines, want fewer than 250: the guide has the rest", file, n)
		}
	}
	if e, c := headingLevels(proseOf(t, "README.md")), headingLevels(proseOf(t, "README.zh-CN.md")); !slices.Equal(e, c) {
		t.Errorf("the headings of README.md and README.zh-CN.md differ:\n%s\n%s", e, c)
	}
	if n := len(codeBlocks(t, "README.md")); n < 10 {
		t.Errorf("README.md has %d blocks of code, want 10 or more", n)
	}
	checkSameCode(t, "README.md", "README.zh-CN.md")
}

// docs/php.md shows everything that the READMEs of the PHP SDK and of its APIv2
// part show.
func TestPHPConstructs(t *testing.T) {
	text, err := os.ReadFile("docs/php.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, construct := range []string{
		"composer require", "Builder::factory", "'mchid'", "'serial'", "'privateKey'", "'certs'", "`secret`", "`merchant`", "base_uri",
		"->chain(", "chain('v3/certificates')", "{+myurl}", "merchantService", "{'merchant-service'}", "->_transaction_id_", "{'{transaction_id}'}",
		"`->get`", "`post`", "`put`", "`patch`", "`delete`", "postAsync", "getAsync", "->then(", "->otherwise(", "->wait()",
		"'json'", "'query'", "'headers'", "'xml'", "'body'", "'debug'", "'security'", "'allow_redirects'",
		"getStatusCode", "getBody", "getMessage", "hasResponse", "getResponse",
		"RequestException", "ClientException", "ServerException", "TooManyRedirectsException", "UnexpectedValueException", "InvalidArgumentException", "RejectionException",
		"MediaUtil", "getStream", "getContentType", "video_upload", "imageUpload",
		"Rsa::from(", "Rsa::KEY_TYPE_PUBLIC", "Rsa::fromPkcs1", "Rsa::fromPkcs8", "Rsa::fromSpki", "Rsa::pkcs1ToSpki",
		"Rsa::sign", "Rsa::verify", "Rsa::encrypt", "Rsa::decrypt", "AesGcm::decrypt", "AesEcb::decrypt", "Hash::sign", "Hash::equals", "Hash::md5",
		"PemUtil::parseCertificateSerialNo", "CertificateDownloader", "Formatter::nonce", "timestamp()", "joinedByLineFeed", "queryStringLike", "ksort",
		"Transformer::toArray", "Transformer::toXml", "getDriver()->select()->getConfig('handler')",
		"$stack->remove('signer')", "$stack->remove('verifier')", "->before('prepare_body'", "->before('http_errors'", "Middleware::mapRequest",
	} {
		if !strings.Contains(string(text), construct) {
			t.Errorf("docs/php.md says nothing of %s", construct)
		}
	}
}

// docs/wechatpay-go.md and docs/gopay.md show everything that the READMEs of these SDKs
// show, in both languages.
func TestSDKConstructs(t *testing.T) {
	for page, constructs := range map[string][]string{
		"wechatpay-go.md": {
			"go get -u github.com/wechatpay-apiv3/wechatpay-go", "core.NewClient(ctx, opts...)", "core.NewClientWithValidator",
			"option.WithWechatPayAutoAuthCipher", "WithWechatPayAutoAuthCipherUsingDownloaderMgr", "option.WithWechatPayPublicKeyAuthCipher", "option.WithWechatPayAuthCipher",
			"WithWechatPayCertificate", "option.WithMerchantCredential", "WithSigner", "option.WithVerifier", "option.WithoutValidator", "option.WithWechatPayCipher", "option.WithHTTPClient",
			"`certificates.CertificatesApiService`", "`DownloadCertificates`", "PrepayWithRequestPayment", "jsapi.PrepayRequest", "QueryOrderById", "core.String", "core.Int64",
			"fileuploader.ImageUploader", "VideoUploader", "consts.ImagePNG", "client.Get(ctx, \"https://api.mch.weixin.qq.com/v3/certificates\")",
			"`client.Post(", "`Put`", "`Patch`", "`Delete`", "client.Request(ctx, method", "result.Response", "result.Request",
			"core.IsAPIError", "core.APIError", "NewNotifyHandler", "NewRSANotifyHandler", "ParseNotifyRequest", "map[string]interface{}", "notifyReq.ID", "`Summary`",
			"RegisterDownloaderWithPrivateKey", "GetCertificateVisitor", "downloader.MgrInstance()", "core.NewCertificateMapWithList", "mgr.GetCertificate`", "NewCertificateDownloader",
			"NewSHA256WithRSAPubkeyVerifier", "NewSHA256WithRSACombinedVerifier", "EM_APIV3", "EncryptRequest", "DecryptResponse",
			"EncryptOAEPWithPublicKey", "EncryptOAEPWithCertificate", "DecryptOAEP", "header.Add(\"Wechatpay-Serial\"", "CustomSigner", "CustomVerifier", "auth.SignatureResult",
			"LoadPrivateKeyWithPath", "LoadPublicKeyWithPath", "LoadCertificate", "GetCertificateSerialNumber", "DecryptAES256GCM", "wechatpay_download_certs -m", "crypto/rsa: verification error", "gomonkey",
		},
		"gopay.md": {
			"go get github.com/go-pay/gopay", "gopay.Version", "NewClientV3", "AutoVerifySignByPublicKey", "AutoVerifySign()", "SetBodySize", "SetRequestIdFunc", "DebugSwitch", "gopay.DebugOn", "SetLogger", "SetHttpClient", "SetHttpTLSConfig",
			"gopay.BodyMap", "bm.Set(", "SetBodyMap", "V3TransactionJsapi", "wxRsp.Code", "Success", "wxRsp.Error", "wxRsp.Response", "wxRsp.SignInfo",
			"PaySignOfApplet", "PaySignOfApp(", "PaySignOfJSAPI", "V3VerifySignByPK", "WxPublicKeyMap", "WxPublicKey()", "V3ParseNotify", "VerifySignByPKMap", "V3NotifyRsp", "gin.WrapH", "echo.WrapHandler",
			"client.V3EncryptText", "client.V3DecryptText", "wechat.V3EncryptText", "wechat.V3DecryptText",
			"DecryptCipherTextToStruct", "DecryptPayCipherText", "DecryptCombineCipherText", "DecryptRefundCipherText",
			"GetPlatformCerts", "GetPlatformRSACerts", "GetPlatformSM2Certs", "GetAndSelectNewestCert()", "GetAndSelectNewestCertRSA", "GetAndSelectNewestCertSM2", "GetAndSelectNewestCertALL",
			"V3DecryptNotifyCipherTextToStruct", "V3DecryptNotifyCipherTextToBytes", "V3DecryptPayNotifyCipherText", "V3DecryptPartnerPayNotifyCipherText", "V3DecryptRefundNotifyCipherText",
			"V3DecryptCombineNotifyCipherText", "V3DecryptScoreNotifyCipherText", "V3DecryptScorePermissionNotifyCipherText", "V3DecryptBusifavorNotifyCipherText", "V3DecryptParkingInNotifyCipherText",
			"V3DecryptParkingPayNotifyCipherText", "V3DecryptCouponUseNotifyCipherText", "V3DecryptInvoiceTitleNotifyCipherText", "V3DecryptInvoiceNotifyCipherText", "PapayScheduledSignNotifyResource", "PapayScheduledPayNotifyResource",
			"wechat.NewClient(", "isProd", "SetCountry(wechat.SoutheastAsia)", "`China2`", "AddCertPemFilePath", "AddCertPemFileContent", "AddCertPkcs12FilePath", "AddCertPkcs12FileContent", "UnifiedOrder", "TradeType_", "SignType_MD5",
			"GetMiniPaySign", "GetAppPaySign", "GetH5PaySign", "wechat.VerifySign", "ParseNotifyToBodyMap", "`ParseNotify`", "ParseRefundNotify", "DecryptRefundNotifyReqInfo", "NotifyResponse", "ToXmlString", "PostWeChatAPISelf",
			"GetParamSign", "GetSanBoxParamSign", "GetOpenIdByAuthCode", "GetOauth2AccessToken", "RefreshOauth2AccessToken", "CheckOauth2AccessToken",
		},
	} {
		for _, folder := range []string{"docs/", "docs/zh-CN/"} {
			text, err := os.ReadFile(folder + page)
			if err != nil {
				t.Fatal(err)
			}
			for _, construct := range constructs {
				if !strings.Contains(string(text), construct) {
					t.Errorf("%s%s says nothing of %s", folder, page, construct)
				}
			}
		}
	}
}

// Links in the documentation lead to files and headings that exist.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	for _, file := range slices.Concat(glob(t, "docs/*.md"), glob(t, "docs/*/*.md"), glob(t, "*.md")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(codeBlock.ReplaceAll(text, nil)), -1) {
			to := file
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(file), m[1])
			}
			target, err := os.ReadFile(to)
			if _, statErr := os.Stat(to); statErr != nil {
				t.Errorf("%s: a link leads nowhere: %v", file, statErr)
			} else if m[2] != "" && (err != nil || !slices.Contains(anchors(string(target)), m[2])) {
				t.Errorf("%s: %s has no heading for %s", file, to, m[2])
			}
		}
	}
}

// anchors returns the fragments of the headings of a Markdown file.
func anchors(text string) []string {
	var list []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		slug := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		list = append(list, "#"+strings.ReplaceAll(slug, " ", "-"))
	}
	return list
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file is %s", pattern)
	}
	return files
}

// flat removes indentation and empty lines.
func flat(source string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// Examples without output compile but do not run.
func TestExamplesRun(t *testing.T) {
	example := regexp.MustCompile(`(?ms)^func (Example\w*)\(\) \{\n(.*?)^\}\n`)
	output := regexp.MustCompile(`(?m)^\t// (Unordered o|O)utput:`)
	ran := 0
	for _, pattern := range []string{"*example_test.go", "*/*example_test.go", "signer/*/*example_test.go", "store/*/*example_test.go"} {
		for _, file := range glob(t, pattern) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range example.FindAllStringSubmatch(string(source), -1) {
				// This example shows the call of the PHP SDK's README, which goes
				// to the real platform.
				if m[1] != "Example_phpFactory" && !output.MatchString(m[2]) {
					t.Errorf("%s: %s has no output, so it never runs", file, m[1])
				}
				ran++
			}
		}
	}
	if ran < 80 {
		t.Errorf("%d examples, want 80 or more", ran)
	}
}
