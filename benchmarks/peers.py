"""The same work as others do it: SGD in PyTorch three ways, and the sharpness by curvlinops."""

import numpy as np
import torch
from scipy.sparse.linalg import eigsh
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.data import DataLoader, TensorDataset

from stableminima import ShallowReLU


def module_of(net: ShallowReLU, dtype: torch.dtype) -> torch.nn.Sequential:
    """The network as torch trains it."""
    return net.to_torch().to(dtype)


def half_mean_square(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return ((output[..., 0] - y) ** 2).mean() / 2


def dataloader_loop(net, X, y, step_size, batch_size, epochs, seed=0):
    """(a) The idiomatic loop: ``DataLoader``, autograd, ``torch.optim.SGD``; all losses after each epoch."""
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    shuffle = torch.Generator().manual_seed(seed)
    loader = DataLoader(TensorDataset(X, y), batch_size=batch_size, shuffle=True, generator=shuffle)
    module = module_of(net, torch.float32)
    optimiser = torch.optim.SGD(module.parameters(), lr=step_size)
    for _ in range(epochs):
        for inputs, labels in loader:
            optimiser.zero_grad()
            half_mean_square(module(inputs), labels).backward()
            optimiser.step()
        with torch.no_grad():
            float(half_mean_square(module(X), y))


def indexing_loop(net, X, y, step_size, batch_size, epochs, seed=0, momentum=0.0):
    """(b) The same without ``DataLoader``; returns the last loss."""
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    rng = np.random.default_rng(seed)
    module = module_of(net, torch.float32)
    optimiser = torch.optim.SGD(module.parameters(), lr=step_size, momentum=momentum)
    for _ in range(epochs):
        for batch in torch.from_numpy(rng.permutation(len(X))).split(batch_size):
            optimiser.zero_grad()
            half_mean_square(module(X[batch]), y[batch]).backward()
            optimiser.step()
        with torch.no_grad():
            loss = float(half_mean_square(module(X), y))
    return loss


def vmap_loop(net, X, y, step_sizes, batch_size, epochs, seed=0):
    """(c) All step sizes at once with ``torch.func.vmap``, on the same batches."""
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    rng, base = np.random.default_rng(seed), module_of(net, torch.float32)
    eta = torch.tensor(step_sizes, dtype=torch.float32)
    parameters, _ = stack_module_state([module_of(net, torch.float32) for _ in step_sizes])

    def loss(parameters, inputs, labels):
        return half_mean_square(functional_call(base, parameters, (inputs,)), labels)

    gradient, value = vmap(grad(loss), in_dims=(0, None, None)), vmap(loss, in_dims=(0, None, None))
    for _ in range(epochs):
        for batch in torch.from_numpy(rng.permutation(len(X))).split(batch_size):
            step = gradient(parameters, X[batch], y[batch])
            for name, part in parameters.items():
                part.detach().sub_(eta.view(-1, *[1] * (part.dim() - 1)) * step[name])
        with torch.no_grad():
            value(parameters, X, y).tolist()


def curvlinops_sharpness(net: ShallowReLU, X: np.ndarray, kind: str) -> float:
    """Largest eigenvalue by matrix-vector products with the Hessian (``"hessian"``) or Gauss–Newton (``"ggn"``).

    With the network's own outputs as labels the residuals are zero and the two are the same matrix. torch's
    ``MSELoss`` has no ½, so that its Hessian is twice ours.
    """
    from curvlinops import GGNLinearOperator, HessianLinearOperator

    module, inputs = module_of(net, torch.float64), torch.tensor(X)
    labels = module(inputs).detach()
    operator = {"hessian": HessianLinearOperator, "ggn": GGNLinearOperator}[kind]
    H = operator(module, torch.nn.MSELoss(), list(module.parameters()), [(inputs, labels)], check_deterministic=False)
    return float(eigsh(H.to_scipy(dtype=np.float64), k=1, which="LA", tol=1e-8, return_eigenvectors=False)[0]) / 2
