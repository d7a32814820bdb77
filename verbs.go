package wechatpay

import "context"

// A Getter is a place of the tree, or a [Chain], that can be called with GET. With the
// other interfaces of one verb, it is the type of a field or a parameter that holds a
// place of the tree, whose types are not exported:
//
//	type Coupons struct {
//		users interface {
//			wechatpay.Getter
//			wechatpay.Poster
//		}
//	}
type Getter interface {
	Get(ctx context.Context, opts ...Option) (*Response, error)
	GetAsync(ctx context.Context, opts ...Option) *Promise[*Response]
}

// A Poster is a place of the tree, or a [Chain], that can be called with POST.
type Poster interface {
	Post(ctx context.Context, opts ...Option) (*Response, error)
	PostAsync(ctx context.Context, opts ...Option) *Promise[*Response]
}

// A Putter is a place of the tree, or a [Chain], that can be called with PUT.
type Putter interface {
	Put(ctx context.Context, opts ...Option) (*Response, error)
	PutAsync(ctx context.Context, opts ...Option) *Promise[*Response]
}

// A Patcher is a place of the tree, or a [Chain], that can be called with PATCH.
type Patcher interface {
	Patch(ctx context.Context, opts ...Option) (*Response, error)
	PatchAsync(ctx context.Context, opts ...Option) *Promise[*Response]
}

// A Deleter is a place of the tree, or a [Chain], that can be called with DELETE.
type Deleter interface {
	Delete(ctx context.Context, opts ...Option) (*Response, error)
	DeleteAsync(ctx context.Context, opts ...Option) *Promise[*Response]
}
