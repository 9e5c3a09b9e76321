#!/usr/bin/env python3
"""Reference trajectories of optimizers: twelve full-batch steps each, in double precision.

    optimizers.py [--base FOLDER] [--out FOLDER]

Network, start and data are those of trajectory-sgd-{sine,wavelet}.json in the base folder. For each
optimizer below and each of the two activations one file trajectory-<name>-<activation>.json of the
same format is written. Both folders are tests/fixtures/reference unless given.

An optimizer is a generator function (f, w, k, draw): from the loss f, the start w and the knobs k
it yields, once per step t = 1, 2, ..., the new weights and the probes drawn in that step (None, one
vector or a list of vectors). Weights are one flat vector; f.split cuts it into named tensors.
"""

import argparse
import itertools
import json
import math
import pathlib
import types

import torch

STEPS = 12
SEED = 30  # of the probes of every file; chosen, see README.md


class Loss:
    """The mean square error of a small network on one full batch, as a function of the weights."""

    def __init__(self, base):
        self.activation = base["activation"]
        self.hyper = base["hyper"]
        self.names = base["parameter_names"]
        self.shapes = base["parameter_shapes"]
        self.maps = [n[: -len(".weight")] for n in self.names if n.endswith(".weight")]
        self.x = torch.tensor(base["x"]).reshape(base["x_shape"])
        self.target = torch.tensor(base["t"]).reshape(base["t_shape"])

    def split(self, w):
        parts = w.split([math.prod(shape) for shape in self.shapes])
        return {n: p.reshape(s) for n, p, s in zip(self.names, parts, self.shapes)}

    def join(self, tensors):
        return torch.cat([tensors[n].reshape(-1) for n in self.names])

    def run(self, w):
        """The output y, and for each linear map z = W a + b its input a and its result z."""
        p, inputs, results = self.split(w), {}, {}

        def linear(name, a):
            inputs[name] = a
            results[name] = a @ p[name + ".weight"].T + p[name + ".bias"]
            return results[name]

        a = self.x
        for layer in dict.fromkeys(n.rpartition(".")[0] for n in self.maps if n != "out"):
            u = linear(layer + ".a", a)
            if self.activation == "sine":
                a = torch.sin(self.hyper["omega"] * u)
            else:
                window = linear(layer + ".b", a)
                a = torch.cos(self.hyper["gabor_omega"] * u)
                a = a * torch.exp(-((self.hyper["gabor_scale"] * window) ** 2))
        return linear("out", a), inputs, results

    def output(self, w):
        return self.run(w)[0]

    def of_output(self, y):
        return ((y - self.target) ** 2).mean()

    def __call__(self, w):
        return self.of_output(self.output(w))

    def value(self, w):
        return self(w).item()

    def gradient(self, w, create_graph=False):
        w = w if w.requires_grad else w.clone().requires_grad_()
        return torch.autograd.grad(self(w), w, create_graph=create_graph)[0]

    def hessian_product(self, w, v):
        w = w.clone().requires_grad_()
        return torch.autograd.grad(self.gradient(w, create_graph=True), w, v)[0]

    def gauss_newton_product(self, w, v):
        """J^T (d2L/dy2) J v, where J = dy/dw and d2L/dy2 = 2 / (numbers in y) times 1."""
        y, jv = torch.autograd.functional.jvp(self.output, w, v)
        return torch.autograd.functional.vjp(self.output, w, 2 / y.numel() * jv)[1]


def by_torch(f, w, optimizer):
    """The steps of an optimizer of torch, which is made by optimizer([w])."""
    w = w.clone().requires_grad_()
    optimizer = optimizer([w])

    def closure():
        optimizer.zero_grad()
        loss = f(w)
        loss.backward()
        return loss

    while True:
        optimizer.step(closure)
        yield w.detach().clone(), None


def sgd_nesterov(f, w, k, draw):
    """Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep
    learning", ICML 2013, in the form of torch.optim.SGD: b <- mu b + g; w <- w - lr (g + mu b)."""
    nesterov = bool(k.nesterov)
    return by_torch(f, w, lambda p: torch.optim.SGD(p, k.lr, k.momentum, nesterov=nesterov))


def adamw(f, w, k, draw):
    """Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019."""
    betas = (k.beta1, k.beta2)
    return by_torch(f, w, lambda p: torch.optim.AdamW(p, k.lr, betas, k.eps, k.weight_decay))


def lbfgs(f, w, k, draw):
    """Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989, with
    the strong Wolfe search of Nocedal and Wright or with a fixed length; the first length is
    min(1, 1/|g|_1) lr, the later ones are lr."""
    search = "strong_wolfe" if k.line_search else None
    return by_torch(f, w, lambda p: torch.optim.LBFGS(
        p, k.lr, max_iter=1, history_size=k.history, line_search_fn=search,
        tolerance_grad=0, tolerance_change=0))


def adahessian(f, w, k, draw):
    """Yao et al., "AdaHessian", AAAI 2021, without spatial averaging: the mean over the probes
    keeps its sign and is squared afterwards."""
    m, d = torch.zeros_like(w), torch.zeros_like(w)
    for t in itertools.count(1):
        g = f.gradient(w)
        probes = [draw() for _ in range(k.samples)]
        h = sum(v * f.hessian_product(w, v) for v in probes) / k.samples
        m = k.beta1 * m + (1 - k.beta1) * g
        d = k.beta2 * d + (1 - k.beta2) * h**2
        m_hat = m / (1 - k.beta1**t)
        d_hat = d / (1 - k.beta2**t)
        w = w - k.lr * m_hat / (d_hat.sqrt() ** k.hessian_power + k.eps)
        yield w, probes


def sophia_h(f, w, k, draw):
    """Liu et al., "Sophia", ICLR 2024, algorithm 3 with the Hutchinson estimator."""
    m, h = torch.zeros_like(w), torch.zeros_like(w)
    for t in itertools.count(1):
        m = k.beta1 * m + (1 - k.beta1) * f.gradient(w)
        v = None
        if (t - 1) % k.refresh_every == 0:
            v = draw()
            h = k.beta2 * h + (1 - k.beta2) * v * f.hessian_product(w, v)
        w = w - k.lr * k.weight_decay * w
        w = w - k.lr * (m / (k.gamma * h).clamp(min=k.eps)).clamp(-1, 1)
        yield w, v


class Adam:
    """Kingma and Ba, "Adam", ICLR 2015, for one tensor: what is subtracted from it at step t."""

    def __init__(self, lr, beta1, beta2, eps):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0

    def step(self, g, t):
        self.m = self.beta1 * self.m + (1 - self.beta1) * g
        self.v = self.beta2 * self.v + (1 - self.beta2) * g**2
        m_hat, v_hat = self.m / (1 - self.beta1**t), self.v / (1 - self.beta2**t)
        return self.lr * m_hat / (v_hat.sqrt() + self.eps)


def newton_schulz(u, iterations):
    """Five or so steps towards the orthogonal factor of u (its singular values go to about 1)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = u.shape[0] > u.shape[1]
    x = u / (u.norm() + 1e-7)
    x = x.T if tall else x
    for _ in range(iterations):
        s = x @ x.T
        x = a * x + (b * s + c * s @ s) @ x
    return x.T if tall else x


def muon(f, w, k, draw):
    """Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024. Matrices of
    the first layer and of the output, and all biases, take Adam."""
    p = f.split(w)
    hidden = [n for n in p if n.endswith(".weight") and n.split(".")[:2] != ["body", "0"]]
    buffer = {n: torch.zeros_like(p[n]) for n in hidden if n != "out.weight"}
    betas = k.adam_beta1, k.adam_beta2
    adam = {n: Adam(k.adam_lr, *betas, k.adam_eps) for n in p if n not in buffer}
    for t in itertools.count(1):
        g = f.split(f.gradient(f.join(p)))
        for n in adam:
            p[n] = p[n] - adam[n].step(g[n], t)
        for n in buffer:
            buffer[n] = k.momentum * buffer[n] + g[n]
            u = g[n] + k.momentum * buffer[n] if k.nesterov else buffer[n]
            rows, columns = u.shape
            scale = math.sqrt(max(1, rows / columns))
            p[n] = p[n] - k.lr * scale * newton_schulz(u, k.iterations)
        yield f.join(p), None


class Soap:
    """One matrix of SOAP, with the averages left of g g^T and right of g^T g. Its smaller side has
    a basis, a square matrix has two; the identity stands for a missing one."""

    def __init__(self, g, k):
        self.k, (rows, columns) = k, g.shape
        self.m = self.v = self.left = self.right = 0
        self.average(g)
        self.has_left, self.has_right = rows <= columns, columns <= rows
        self.ql = eigenvectors(self.left) if self.has_left else torch.eye(rows)
        self.qr = eigenvectors(self.right) if self.has_right else torch.eye(columns)

    def average(self, g):
        beta = self.k.shampoo_beta
        self.left = beta * self.left + (1 - beta) * g @ g.T
        self.right = beta * self.right + (1 - beta) * g.T @ g

    def step(self, g, n):
        """What is subtracted at the n-th update of this matrix."""
        k, ql, qr = self.k, self.ql, self.qr
        self.m = k.beta1 * self.m + (1 - k.beta1) * g
        self.v = k.beta2 * self.v + (1 - k.beta2) * (ql.T @ g @ qr) ** 2
        update = ql @ ((ql.T @ self.m @ qr) / (self.v.sqrt() + k.eps)) @ qr.T
        self.average(g)
        if n % k.refresh_every == 0 and self.has_left:
            self.ql, order = power_step(self.left, ql)
            self.v = self.v[order, :]
        if n % k.refresh_every == 0 and self.has_right:
            self.qr, order = power_step(self.right, qr)
            self.v = self.v[:, order]
        return k.lr * math.sqrt(1 - k.beta2**n) / (1 - k.beta1**n) * update


def eigenvectors(s):
    """Those of the largest eigenvalue first."""
    return torch.linalg.eigh(s)[1].flip(1)


def power_step(s, q):
    """One orthogonalized power step of the basis q of s, sorted by its Rayleigh quotients first."""
    order = (q.T @ s @ q).diag().argsort(descending=True)
    return torch.linalg.qr(s @ q[:, order])[0], order


def soap(f, w, k, draw):
    """Vyas et al., "SOAP", ICLR 2025, as in the authors' code: the first step only makes the bases.
    Biases take Adam."""
    p, soaps = f.split(w), {}
    biases = [n for n in p if n.endswith(".bias")]
    adam = {n: Adam(k.lr, k.beta1, k.beta2, k.eps) for n in biases}
    for t in itertools.count(1):
        g = f.split(f.gradient(f.join(p)))
        for n in p:
            if n in adam:
                p[n] = p[n] - adam[n].step(g[n], t)
            elif n in soaps:
                p[n] = p[n] - soaps[n].step(g[n], t - 1)
            else:
                soaps[n] = Soap(g[n], k)
        yield f.join(p), None


def conjugate_gradients(product, g, k):
    """Solves product(d) = -g roughly; stops early where the curvature is not positive."""
    d, r = torch.zeros_like(g), -g
    p = r
    for i in range(k.iterations):
        q = product(p)
        if p @ q <= 0:
            return d if i > 0 else -g
        alpha = r @ r / (p @ q)
        d, r, old = d + alpha * p, r - alpha * q, r
        if r.norm() <= k.tolerance * g.norm():
            return d
        p = r + (r @ r) / (old @ old) * p
    return d


def newton_cg(f, w, k, draw):
    """Martens, "Deep learning via Hessian-free optimization", ICML 2010: damped Gauss-Newton steps,
    the damping by the Levenberg-Marquardt rule."""
    curvature = f.gauss_newton_product if k.curvature else f.hessian_product
    damping, lr = k.damping, k.lr
    while True:
        f0, g = f.value(w), f.gradient(w)
        d = conjugate_gradients(lambda v: curvature(w, v) + damping * v, g, k)
        trial = w + lr * d
        f1 = f.value(trial)
        rho = (f1 - f0) / (lr * g @ d + lr**2 * d @ curvature(w, d) / 2).item()
        taken = f1 < f0
        if not taken:
            damping *= 4
        elif rho > 0.75:
            damping *= 2 / 3
        elif rho < 0.25:
            damping *= 3 / 2
        w = trial if taken else w
        yield w, None


def equilibration(f, w, d, t, k, draw):
    """The average d of (Hv)^2, renewed by one probe v in the steps that k names; d and v."""
    if t - 1 >= k.warmup and (t - 1) % k.refresh_every != 0:
        return d, None
    v = draw()
    return k.beta2 * d + (1 - k.beta2) * f.hessian_product(w, v) ** 2, v


def esgd_nesterov(f, w, k, draw):
    """ESGD (Dauphin et al., "Equilibrated adaptive learning rates for non-convex optimization",
    NIPS 2015) with the Nesterov momentum of Dozat, "Incorporating Nesterov momentum into Adam",
    ICLR workshop 2016."""
    m, d, beta1, beta2 = torch.zeros_like(w), torch.zeros_like(w), k.beta1, k.beta2
    for t in itertools.count(1):
        g = f.gradient(w)
        d, v = equilibration(f, w, d, t, k, draw)
        m = beta1 * m + (1 - beta1) * g
        n = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        w = w - k.lr * n / ((d / (1 - beta2**t)).sqrt() + k.eps)
        yield w, v


def esgd_adam(f, w, k, draw):
    """The geometric mean of ESGD (Dauphin et al. 2015) and Adam (Kingma and Ba 2015), of their
    rates as of their denominators; mix 0 is ESGD, mix 1 is Adam."""
    m, d, s = torch.zeros_like(w), torch.zeros_like(w), torch.zeros_like(w)
    mix, beta1, beta2 = k.mix, k.beta1, k.beta2
    lr = k.lr ** (1 - mix) * k.adam_lr**mix
    for t in itertools.count(1):
        g = f.gradient(w)
        d, v = equilibration(f, w, d, t, k, draw)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        by_d = (d / (1 - beta2**t)).sqrt() + k.eps
        by_s = (s / (1 - beta2**t)).sqrt() + k.adam_eps
        w = w - lr * (m / (1 - beta1**t)) / (by_d ** (1 - mix) * by_s**mix)
        yield w, v


def kfac_sgd(f, w, k, draw):
    """Martens and Grosse, "Optimizing neural networks with Kronecker-factored approximate
    curvature", ICML 2015; the clip of Ba, Grosse, Martens, "Distributed second-order optimization
    using Kronecker-factored approximations", ICLR 2017. One block [W | b] for each linear map."""
    batch, mu, beta = len(f.x), k.momentum, k.average
    a_mean, s_mean, a_inverse, s_inverse, buffer = {}, {}, {}, {}, torch.zeros_like(w)
    for t in itertools.count(1):
        y, inputs, z = f.run(w.clone().requires_grad_())
        deltas = torch.autograd.grad(f.of_output(y), [z[n] for n in f.maps])
        u, g = {}, {}
        for n, delta in zip(f.maps, deltas):
            abar = torch.cat([inputs[n].detach(), torch.ones(batch, 1)], dim=1)
            a, s = abar.T @ abar / batch, batch * delta.T @ delta
            a_mean[n] = a if t == 1 else beta * a_mean[n] + (1 - beta) * a
            s_mean[n] = s if t == 1 else beta * s_mean[n] + (1 - beta) * s
            if (t - 1) % k.refresh_every == 0:
                root = math.sqrt(k.damping)
                a_inverse[n] = torch.linalg.inv(a_mean[n] + root * torch.eye(len(a)))
                s_inverse[n] = torch.linalg.inv(s_mean[n] + root * torch.eye(len(s)))
            block = delta.T @ abar
            step = s_inverse[n] @ block @ a_inverse[n]
            g[n + ".weight"], g[n + ".bias"] = block[:, :-1], block[:, -1]
            u[n + ".weight"], u[n + ".bias"] = step[:, :-1], step[:, -1]
        u, g = f.join(u), f.join(g)
        nu = min(1, math.sqrt(k.kl_clip / (k.lr**2 * (u @ g))))
        buffer = mu * buffer + nu * u
        w = w - k.lr * buffer
        yield w, None


# File name, function, knobs, and the knobs that differ for the wavelet network.
ADAM = {"beta1": 0.9, "beta2": 0.999}
ESGD = {**ADAM, "eps": 1e-4, "refresh_every": 4, "warmup": 3}
TRAJECTORIES = [
    ("sgd_nesterov", sgd_nesterov, {"lr": 0.01, "momentum": 0.9, "nesterov": 1}, {"lr": 0.02}),
    ("adamw", adamw, {"lr": 1e-3, **ADAM, "eps": 1e-8, "weight_decay": 0.1}, {}),
    ("lbfgs", lbfgs, {"lr": 1.0, "history": 5, "line_search": 1}, {}),
    ("lbfgs_fixed", lbfgs, {"lr": 0.1, "history": 5, "line_search": 0}, {}),
    ("adahessian", adahessian,
     {"lr": 0.15, **ADAM, "eps": 1e-4, "samples": 2, "hessian_power": 1.0}, {}),
    ("sophia_h", sophia_h, {"lr": 1e-3, "beta1": 0.965, "beta2": 0.99, "gamma": 0.01, "eps": 1e-12,
                            "refresh_every": 3, "weight_decay": 0.1}, {}),
    ("muon", muon, {"lr": 0.02, "momentum": 0.95, "nesterov": 1, "iterations": 5, "adam_lr": 1e-3,
                    "adam_beta1": 0.9, "adam_beta2": 0.999, "adam_eps": 1e-8}, {}),
    ("soap", soap, {"lr": 3e-3, "beta1": 0.95, "beta2": 0.95, "shampoo_beta": 0.95, "eps": 1e-8,
                    "refresh_every": 2}, {}),
    ("newton_cg", newton_cg, {"damping": 0.3, "iterations": 8, "tolerance": 0.1, "curvature": 1,
                              "lr": 1.0}, {"damping": 10.0}),
    ("esgd_nesterov", esgd_nesterov, {"lr": 0.15, **ESGD}, {}),
    ("esgd_adam", esgd_adam,
     {"lr": 0.15, "adam_lr": 1e-3, "mix": 0.5, **ESGD, "adam_eps": 1e-8}, {}),
    ("kfac_sgd", kfac_sgd, {"lr": 0.1, "momentum": 0.9, "damping": 0.1, "refresh_every": 3,
                            "average": 0.5,
                            "kl_clip": 1e-3}, {}),
]
VARIANT_OF = {"sgd_nesterov": "sgd", "lbfgs_fixed": "lbfgs"}


def numbers(probe):
    """What a step drew, as it stands in the file."""
    if isinstance(probe, list):
        return [v.tolist() for v in probe]
    return None if probe is None else probe.tolist()


def trajectory(base, name, function, knobs):
    f, w = Loss(base), torch.tensor(base["parameters"])
    generator = torch.Generator().manual_seed(SEED)

    def draw():
        return 2.0 * torch.randint(0, 2, w.shape, generator=generator) - 1.0

    steps = function(f, w, types.SimpleNamespace(**knobs), draw)
    points, probes = zip(*itertools.islice(steps, STEPS))
    return {
        **base,
        "optimizer": VARIANT_OF.get(name, name),
        "hyperparameters": knobs,
        "steps": STEPS,
        "probes": [numbers(probe) for probe in probes],
        "losses": [f.value(point) for point in (w, *points)],
        "parameters_after_first_step": points[0].tolist(),
        "parameters_after_last_step": points[-1].tolist(),
    }


def main():
    fixtures = pathlib.Path(__file__).resolve().parent.parent / "fixtures" / "reference"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=pathlib.Path, default=fixtures)
    parser.add_argument("--out", type=pathlib.Path, default=fixtures)
    arguments = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    for activation in ("sine", "wavelet"):
        base = json.loads((arguments.base / f"trajectory-sgd-{activation}.json").read_text())
        for name, function, knobs, for_wavelet in TRAJECTORIES:
            knobs = {**knobs, **(for_wavelet if activation == "wavelet" else {})}
            result = trajectory(base, name, function, knobs)
            text = json.dumps(result, separators=(",", ":"), allow_nan=False)
            (arguments.out / f"trajectory-{name}-{activation}.json").write_text(text + "\n")
            losses = result["losses"]
            print(f"{name:14} {activation:8} loss {losses[0]:.4f} -> {losses[-1]:.4f}")


if __name__ == "__main__":
    main()
