package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

// answerV2 checks a request of APIv2 and answers it with an example.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=4_3
func (s *Server) answerV2(in *inbound) (reply, error) {
	fields, err := in.fieldsV2()
	if err != nil {
		return reply{}, badField("", nil, err.Error())
	}
	mchID := cmp.Or(fields["mch_id"], fields["mchid"], fields["combine_mch_id"])
	m, ok := s.merchants[mchID]
	if !ok {
		return reply{}, &refusal{Status: http.StatusUnauthorized, Code: "MCHID_NOT_EXIST", Message: fmt.Sprintf("there is no merchant %.32q", mchID)}
	}
	if err := signer.V2Verify(m.APIv2Key, fields); err != nil {
		return reply{}, &refusal{Status: http.StatusUnauthorized, Code: "SIGNERROR", Message: "签名错误: " + err.Error()}
	}
	in.mchID = m.MchID
	if in.op.ClientCert && in.tls && !bytes.Equal(in.peer, m.Certificate.Raw) {
		return reply{}, &refusal{Status: http.StatusUnauthorized, Code: "CERT_ERROR", Message: "this call presents the merchant API certificate as its TLS client certificate"}
	}
	if err := s.check(in); err != nil {
		return reply{}, err
	}
	return exampleV2(in.op, fields["sign_type"], m.APIv2Key)
}

// fieldsV2 are the fields of a request that have part in its signature.
func (in *inbound) fieldsV2() (map[string]string, error) {
	switch {
	case in.isUpload():
		return in.formFields()
	case len(in.body) > 0:
		fields, err := xmlmap.Decode(in.body)
		if err != nil {
			return nil, fmt.Errorf("not valid XML")
		}
		return textsOf(fields), nil
	}
	query, err := url.ParseQuery(in.query)
	if err != nil {
		return nil, fmt.Errorf("malformed query")
	}
	texts := make(map[string]string, len(query))
	for name, values := range query {
		if len(values) > 1 {
			return nil, fmt.Errorf("the query has %.32q twice", name)
		}
		texts[name] = values[0]
	}
	return texts, nil
}

// formFields are the parts of an upload, without the file.
func (in *inbound) formFields() (map[string]string, error) {
	_, params, err := mime.ParseMediaType(in.header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("malformed Content-Type")
	}
	texts := make(map[string]string)
	r := multipart.NewReader(bytes.NewReader(in.body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return texts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("malformed upload")
		}
		if part.FileName() != "" {
			continue
		}
		text, err := io.ReadAll(part) // of a body that is limited
		if err != nil {
			return nil, fmt.Errorf("malformed upload")
		}
		texts[part.FormName()] = string(text)
	}
}

// textsOf are the fields that hold text and occur once.
func textsOf(fields map[string]any) map[string]string {
	texts := make(map[string]string, len(fields))
	for name, v := range fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// exampleV2 is the answer to a call that no product knows, signed.
func exampleV2(op *openapi.Operation, signType, key string) (reply, error) {
	status := exampleStatus(op)
	example := openapi.Example(op, status)
	if example == nil {
		return reply{status: status, contentType: typeXML}, nil // a page, or the way to one
	}
	var fields map[string]any
	if err := json.Unmarshal(example, &fields); err != nil {
		return reply{}, err
	}
	return succeedV2(fields, signType, key)
}

// succeedV2 is an answer of APIv2 that reports success, signed as the request
// was.
func succeedV2(fields map[string]any, signType, key string) (reply, error) {
	for _, name := range [...]string{"err_code", "err_code_des", "sign"} {
		delete(fields, name)
	}
	fields["return_code"], fields["result_code"] = "SUCCESS", "SUCCESS"
	fields["nonce_str"] = middleware.NewNonce()
	if _, ok := fields["sign_type"]; ok {
		fields["sign_type"] = cmp.Or(signType, "MD5")
	}
	// What is signed is what the other side reads: a list of one is no list.
	text, err := xmlmap.Encode(fields)
	if err != nil {
		return reply{}, err
	}
	if fields, err = xmlmap.Decode(text); err != nil {
		return reply{}, err
	}
	if fields["sign"], err = signer.V2Sign(signType, key, textsOf(fields)); err != nil {
		return reply{}, err
	}
	text, err = xmlmap.Encode(fields)
	return reply{status: http.StatusOK, contentType: typeXML, body: text}, err
}
