package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// What containerd does, as src/profiles/containerd.ts says; the bench compares the requests of both.
const (
	userAgent         = "containerd/v2.4.2"
	parallelLayersMax = 3
	acceptResolve     = "application/vnd.docker.distribution.manifest.v2+json, " +
		"application/vnd.docker.distribution.manifest.list.v2+json, " +
		"application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*"
)

const (
	documentBytesMax = 4 << 20
	headTimeout      = 30 * time.Second
	idlePerHostMax   = 2
	bufferBytes      = 32 << 10
)

// image says what is pulled.
type image struct{ registry, repository, tag string }

// user is one client whose pulls share no connections; what resolves a tag has its own, and its own token.
type user struct {
	client, resolver, fetcher *http.Client
	count                     *counters
}

func newUser(count *counters) *user {
	return &user{count: count, resolver: newClient(), fetcher: newClient()}
}

func newClient() *http.Client {
	transport := &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: idlePerHostMax,
		ResponseHeaderTimeout: headTimeout,
	}
	asIs := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Transport: transport, CheckRedirect: asIs}
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
	Platform  struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	} `json:"platform"`
}

// pull makes the requests of one pull and checks every size and digest.
func (u *user) pull(image image) error {
	repository := image.registry + "/v2/" + image.repository
	defer u.resolver.CloseIdleConnections()
	defer u.fetcher.CloseIdleConnections()
	u.client = u.resolver
	top, err := u.resolve(image, repository+"/manifests/"+image.tag)
	if err != nil {
		return err
	}
	u.client = u.fetcher
	response, err := u.send(http.MethodGet, repository+"/manifests/"+top.Digest, accept(top), "", "")
	if err != nil {
		return err
	}
	bearer, err := u.authorize(image, response)
	if err != nil {
		return err
	}
	var index struct {
		Manifests []descriptor `json:"manifests"`
	}
	if err := u.document(repository+"/manifests/", top, bearer, &index); err != nil {
		return err
	}
	child, err := choose(index.Manifests)
	if err != nil {
		return err
	}
	var manifest struct {
		Config descriptor   `json:"config"`
		Layers []descriptor `json:"layers"`
	}
	if err := u.document(repository+"/manifests/", child, bearer, &manifest); err != nil {
		return err
	}
	if err := u.blob(repository+"/blobs/", manifest.Config, bearer); err != nil {
		return err
	}
	return u.layers(repository+"/blobs/", manifest.Layers, bearer)
}

func choose(entries []descriptor) (descriptor, error) {
	for _, entry := range entries {
		if entry.Platform.OS == "linux" && entry.Platform.Architecture == "amd64" {
			return entry, nil
		}
	}
	return descriptor{}, errors.New("no manifest for linux/amd64")
}

var bearerChallenge = regexp.MustCompile(`^Bearer realm="([^"]*)",service="([^"]*)"`)

// resolve asks for the tag, answers the challenge, and asks again: what the tag names.
func (u *user) resolve(image image, tagURL string) (descriptor, error) {
	response, err := u.send(http.MethodHead, tagURL, acceptResolve, "", "")
	if err != nil {
		return descriptor{}, err
	}
	bearer, err := u.authorize(image, response)
	if err != nil {
		return descriptor{}, err
	}
	response, err = u.send(http.MethodHead, tagURL, acceptResolve, bearer, "")
	if err != nil {
		return descriptor{}, err
	}
	if response.StatusCode != http.StatusOK {
		return descriptor{}, problem(response, "no manifest")
	}
	return descriptor{
		Digest:    response.Header.Get("Docker-Content-Digest"),
		MediaType: response.Header.Get("Content-Type"), Size: response.ContentLength,
	}, nil
}

// authorize closes a 401 unread, as containerd does, and fetches the token that its challenge names.
func (u *user) authorize(image image, refused *http.Response) (string, error) {
	_ = refused.Body.Close()
	challenge := bearerChallenge.FindStringSubmatch(refused.Header.Get("WWW-Authenticate"))
	if refused.StatusCode != http.StatusUnauthorized || challenge == nil {
		return "", problem(refused, "no Bearer challenge")
	}
	query := url.Values{"scope": {"repository:" + image.repository + ":pull"}, "service": {challenge[2]}}
	var token struct {
		Token string `json:"token"`
	}
	response, err := u.send(http.MethodGet, challenge[1]+"?"+query.Encode(), "", "", "")
	if err == nil {
		err = readDocument(response, descriptor{}, &token)
	}
	return "Bearer " + token.Token, err
}

func (u *user) document(under string, want descriptor, bearer string, into any) error {
	response, err := u.send(http.MethodGet, under+want.Digest, accept(want), bearer, "")
	if err != nil {
		return err
	}
	return readDocument(response, want, into)
}

// readDocument reads a small JSON body; a descriptor with a digest is held against it.
func readDocument(response *http.Response, want descriptor, into any) error {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, documentBytesMax))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if response.StatusCode != http.StatusOK {
		return problem(response, "not answered")
	}
	if want.Digest != "" && (want.Digest != digestOf(sum[:]) || want.Size != int64(len(body))) {
		return problem(response, "other bytes than announced")
	}
	return json.Unmarshal(body, into)
}

// layers fetches the layers side by side and gives the first error.
func (u *user) layers(under string, layers []descriptor, bearer string) error {
	slots := make(chan struct{}, parallelLayersMax)
	failures := make([]error, len(layers))
	var group sync.WaitGroup
	for i, layer := range layers {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			failures[i] = u.blob(under, layer, bearer)
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// blob follows the one redirect to the edge, without the token, and checks what comes.
func (u *user) blob(under string, want descriptor, bearer string) error {
	from := under + want.Digest
	response, err := u.send(http.MethodGet, from, accept(want), bearer, "")
	if err != nil {
		return err
	}
	if _, err := read(response, io.Discard, documentBytesMax); err != nil {
		return err
	}
	if response.StatusCode != http.StatusFound {
		return problem(response, "no redirect")
	}
	response, err = u.send(http.MethodGet, response.Header.Get("Location"), accept(want), "", from)
	if err != nil {
		return err
	}
	hasher := sha256.New()
	bytes, err := read(response, hasher, want.Size+1)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return problem(response, "no blob")
	}
	u.count.bytes.Add(bytes)
	if bytes != want.Size || digestOf(hasher.Sum(nil)) != want.Digest {
		return problem(response, "other bytes than announced")
	}
	return nil
}

// read streams a body into the hasher, or nowhere.
func read(response *http.Response, into io.Writer, limit int64) (int64, error) {
	defer response.Body.Close()
	return io.Copy(into, io.LimitReader(response.Body, limit))
}

// send makes one request; redirects are not followed, empty header values are not sent.
func (u *user) send(method, target, accept, bearer, referer string) (*http.Response, error) {
	request, err := http.NewRequest(method, target, nil)
	if err != nil {
		return nil, err
	}
	header := request.Header
	header.Set("User-Agent", userAgent)
	for _, line := range [...]struct{ name, value string }{
		{"Accept", accept}, {"Accept-Encoding", codings(method, accept)},
		{"Authorization", bearer}, {"Referer", referer},
	} {
		if line.value != "" {
			header.Set(line.name, line.value)
		}
	}
	u.count.requests.Add(1)
	return u.client.Do(request)
}

// codings are containerd's own for what it fetches, and Go's for tokens, which have no Accept.
func codings(method, accept string) string {
	switch {
	case method == http.MethodHead:
		return ""
	case accept == "":
		return "gzip"
	}
	return "zstd;q=1.0, gzip;q=0.8, deflate;q=0.5"
}

func accept(want descriptor) string { return want.MediaType + ", */*" }

func digestOf(sum []byte) string { return "sha256:" + hex.EncodeToString(sum) }

func problem(response *http.Response, what string) error {
	return fmt.Errorf("%s %s: HTTP %d, %s",
		response.Request.Method, response.Request.URL.Redacted(), response.StatusCode, what)
}
